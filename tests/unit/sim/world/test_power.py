"""A machine without power says nothing: no peer hears that a stream ended, and no attempt to connect is refused."""

from sim.world.kernel import World
from sim.world.network import Endpoint, HostState, Network

SECOND_US = 1_000_000


class Room:
    """A client `c`, and a server `s` that accepts whoever comes; `told` is what the client's end heard."""

    def __init__(self) -> None:
        self.world = World(seed=1)
        self.network = Network(self.world)
        self.client = self.network.add_host("c")
        self.server = self.network.add_host("s")
        self.told: list[str] = []
        self.serve()

    def serve(self) -> None:
        self.server.on_connection = lambda _: None

    def run(self, microseconds: int = SECOND_US) -> None:
        self.world.run_until(self.world.now_us + microseconds)

    def connect(self) -> list[Endpoint]:
        """Knock; what is opened comes into the list, what fails is told."""
        opened: list[Endpoint] = []
        self.network.connect(self.client, "s", connection=1, on_open=opened.append, on_failed=self.told.append)
        self.run()
        for end in opened:
            end.on_closed = self.told.append
        return opened


def test_a_process_that_dies_ends_its_streams_and_a_machine_without_power_does_not() -> None:
    dead, dark = Room(), Room()
    for room in (dead, dark):
        room.connect()

    dead.server.crash()
    dark.server.lose_power()
    for room in (dead, dark):
        room.run(3_600 * SECOND_US)

    assert dead.told == ["closed by peer"]
    assert dark.told == []
    assert dark.server.state is HostState.OFF


def test_who_sends_into_the_dark_hears_nothing_until_the_power_is_back() -> None:
    room = Room()
    (end,) = room.connect()
    room.server.lose_power()

    for _ in range(3):
        end.send(b"x")
    room.run(600 * SECOND_US)
    assert room.told == []
    room.server.start()
    room.run(SECOND_US)

    assert room.told == ["connection reset"]
    assert not room.client.endpoints


def test_who_was_silent_meanwhile_learns_it_with_its_next_word() -> None:
    room = Room()
    (end,) = room.connect()
    room.server.lose_power()
    room.server.start()
    room.run(600 * SECOND_US)
    assert room.told == []

    end.send(b"x")
    room.run()

    assert room.told == ["connection reset"]


def test_an_attempt_to_connect_is_answered_when_the_power_is_back() -> None:
    room = Room()
    room.server.lose_power()
    assert room.connect() == []
    assert room.told == []

    room.server.start()
    room.run()

    assert room.told == ["connection refused"]


def test_an_attempt_that_was_given_up_is_neither_repeated_nor_kept() -> None:
    room = Room()
    room.server.lose_power()
    for number in range(100):
        attempt = room.network.connect(
            room.client, "s", connection=number, on_open=lambda _: None, on_failed=room.told.append
        )
        room.run()
        attempt.abandon()

    assert len(room.server.power.missed) <= 16
    room.server.start()
    room.serve()
    room.run()

    assert room.told == []
    assert not room.server.endpoints


def test_a_client_that_is_gone_when_the_power_is_back_knocks_no_more() -> None:
    left, died = Room(), Room()
    for room in (left, died):
        room.server.lose_power()
        room.connect()

    left.network.remove_host("c")
    died.client.crash()
    for room in (left, died):
        room.server.start()
        room.serve()
        room.run()

    for room in (left, died):
        assert room.told == []
        assert not room.server.endpoints


def test_what_was_sent_before_the_power_went_still_arrives_unless_it_was_lost() -> None:
    for is_cut in (False, True):
        room = Room()
        accepted: list[Endpoint] = []
        room.server.on_connection = accepted.append
        (end,) = room.connect()
        read: list[bytes] = []
        end.on_received = read.append
        if is_cut:
            room.network.cut("s", "c")
        accepted[0].send(b"last words")

        room.server.lose_power()
        room.run()
        room.network.open_all()
        room.run()

        assert read == ([] if is_cut else [b"last words"])


def test_a_paused_process_loses_what_waited_with_the_power() -> None:
    room = Room()
    read: list[bytes] = []

    def accept(end: Endpoint) -> None:
        end.on_received = read.append

    room.server.on_connection = accept
    (end,) = room.connect()
    room.server.pause()
    end.send(b"waits")
    room.run()

    room.server.lose_power()
    room.server.start()
    room.server.resume()
    room.run()

    assert read == []


def test_a_client_that_left_a_dark_machine_is_gone_without_a_trace() -> None:
    room = Room()
    (end,) = room.connect()
    room.server.lose_power()
    end.send(b"x")
    end.close()
    room.run()

    room.server.start()
    room.run()

    assert room.told == []
    assert not room.client.endpoints
    assert not room.server.endpoints
