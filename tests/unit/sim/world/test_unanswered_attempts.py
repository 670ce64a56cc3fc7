"""Attempts to connect that nobody answers: repeated as long as somebody wants them, and not kept when nobody does.

A process that stands still accepts nobody, but its kernel takes as many connections as the backlog holds. Seen on Apache
Kafka 4.3.1 under SIGSTOP, on Linux: of 70 attempts 51 were established, no more when ten of those were closed again, and
all once it went on.
"""

from __future__ import annotations

from sim.world.kernel import World
from sim.world.network import Endpoint, Network
from sim.world.network.connecting import Connecting

TAKEN = 51
SECOND_US = 1_000_000


class Door:
    """Clients on `c` that knock at `s`."""

    def __init__(self) -> None:
        self.world = World(seed=1)
        self.network = Network(self.world)
        self.client = self.network.add_host("c")
        self.server = self.network.add_host("s")
        self.accepted: list[Endpoint] = []
        self.opened: list[Endpoint] = []
        self.told: list[str] = []
        self.server.on_connection = self.accepted.append

    @classmethod
    def paused(cls) -> Door:
        door = cls()
        door.server.pause()
        return door

    def knock(self, times: int) -> None:
        for number in range(times):
            self._knock(number)
        self.run()

    def knock_in_vain(self, times: int) -> None:
        """Try one after the other, and give each of them up."""
        for number in range(times):
            attempt = self._knock(number)
            self.run()
            attempt.abandon()

    def _knock(self, number: int) -> Connecting:
        return self.network.connect(
            self.client, "s", connection=number, on_open=self.opened.append, on_failed=self.told.append
        )

    def run(self, microseconds: int = SECOND_US) -> None:
        self.world.run_until(self.world.now_us + microseconds)


def test_more_than_the_backlog_holds_are_let_in_when_the_process_goes_on() -> None:
    door = Door.paused()
    door.knock(70)
    assert (len(door.opened), door.told) == (TAKEN, [])
    for end in door.opened[:10]:
        end.close()
    door.run(20 * SECOND_US)
    assert len(door.opened) == TAKEN

    door.server.resume()
    door.run()

    assert (len(door.opened), len(door.accepted), door.told) == (70, 70, [])


def test_who_gave_up_meanwhile_is_never_let_in_and_not_kept() -> None:
    door = Door.paused()
    door.knock(TAKEN)
    door.knock_in_vain(1_000)
    assert len(door.server.endpoints) == TAKEN
    assert len(door.server.not_taken) < 20

    door.server.resume()
    door.run()

    assert (len(door.accepted), door.told) == (TAKEN, [])


def test_who_was_not_let_in_is_refused_once_the_process_is_gone_and_hears_nothing_without_power() -> None:
    dead, dark = Door.paused(), Door.paused()
    for door in (dead, dark):
        door.knock(70)

    dead.server.crash()
    dark.server.lose_power()
    for door in (dead, dark):
        door.run()

    assert dead.told == ["connection refused"] * (70 - TAKEN)
    assert dark.told == []
    dark.server.start()
    dark.run()
    assert dark.told == ["connection refused"] * (70 - TAKEN)


def test_a_backlog_has_room_again_in_the_next_life() -> None:
    door = Door.paused()
    door.knock(70)
    door.server.crash()
    door.run()
    door.server.start()
    door.server.on_connection = door.accepted.append
    door.server.pause()

    door.knock(70)

    assert len(door.opened) == 2 * TAKEN


def test_while_a_link_is_cut_only_who_still_waits_is_kept() -> None:
    door = Door()
    door.network.cut("c", "s")

    door.knock_in_vain(1_000)
    door.knock(1)
    assert len(door.network.link("c", "s")._waiting) < 20
    door.network.open("c", "s")
    door.run()

    assert (len(door.opened), len(door.accepted), door.told) == (1, 1, [])


def test_who_is_not_heard_accepts_and_refuses_nobody_until_the_repair() -> None:
    for is_listening in (True, False):
        door = Door()
        if not is_listening:
            door.server.on_connection = None
        door.network.cut("s", "c", one_way=True)

        door.knock_in_vain(1_000)
        door.knock(1)
        assert (door.accepted, door.server.endpoints, door.told) == ([], {}, [])
        assert len(door.network.link("s", "c")._waiting) < 20
        door.network.open("s", "c", one_way=True)
        door.run()

        assert len(door.opened) == len(door.accepted) == is_listening
        assert door.told == ([] if is_listening else ["connection refused"])
