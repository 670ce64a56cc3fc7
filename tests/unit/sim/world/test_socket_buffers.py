"""A socket has a size: what neither kernel has room for stays with its process, and is lost when that closes."""

from typing import Any, NamedTuple

import pytest

from sim.world.kernel import World
from sim.world.network import Endpoint, Network, SocketBuffers
from sim.world.network.outbox import Outbox, size_of

SMALL = SocketBuffers(send_bytes=1_000, receive_bytes=600)


class Message(NamedTuple):
    text: str


class Line:
    """A stream from `a` to `b`, both with small buffers; `heard` is what `b` read, and what it was told."""

    def __init__(self) -> None:
        self.world = World(seed=1)
        self.network = Network(self.world)
        self.a, self.b = self.network.add_host("a"), self.network.add_host("b")
        self.a.buffers = self.b.buffers = SMALL
        self.heard: list[Any] = []
        self.told: list[str] = []
        self.far: Endpoint | None = None
        self.b.on_connection = self._accept
        opened: list[Endpoint] = []
        self.network.connect(self.a, "b", connection=1, on_open=opened.append, on_failed=self.told.append)
        self.run()
        (self.near,) = opened
        self.near.on_closed = self.told.append

    def _accept(self, endpoint: Endpoint) -> None:
        self.far = endpoint
        endpoint.on_received = self.heard.append
        endpoint.on_closed = self.heard.append

    def run(self, microseconds: int = 100_000) -> None:
        self.world.run_until(self.world.now_us + microseconds)

    @property
    def bytes_heard(self) -> bytes:
        return b"".join(one for one in self.heard if isinstance(one, bytes))


@pytest.mark.parametrize("size", [1, 599, 600, 601, 1_600, 1_601, 50_000])
def test_whatever_is_sent_arrives_in_order_if_somebody_reads(size: int) -> None:
    line = Line()
    sent = [bytes([number]) * size for number in range(5)]

    for payload in sent:
        line.near.send(payload)
    line.run(10_000_000)
    line.near.close()
    line.run()

    assert line.bytes_heard == b"".join(sent)
    assert line.heard[-1] == "closed by peer"


@pytest.mark.parametrize("size, arrives", [(600, 600), (1_600, 1_600), (1_700, 1_600), (9_000, 1_600)])
def test_of_what_is_sent_to_a_stopped_process_both_kernels_take_their_part_and_a_close_loses_the_rest(
    size: int, arrives: int
) -> None:
    line = Line()
    line.b.pause()

    line.near.send(b"x" * size)
    line.run()
    line.near.close()
    line.run()
    line.b.resume()
    line.run()

    assert len(line.bytes_heard) == arrives
    assert line.heard[-1] == "closed by peer"


def test_a_reset_loses_what_waits_in_the_kernel_too() -> None:
    line = Line()
    line.b.pause()
    line.near.send(b"x" * 1_600)
    line.run()

    line.near.reset()
    line.run()
    line.b.resume()
    line.run()

    assert len(line.bytes_heard) == 600
    assert line.heard[-1] == "connection reset"


def test_a_writer_is_told_when_its_kernel_has_taken_everything() -> None:
    line = Line()
    told: list[str] = []
    line.b.pause()
    line.near.send(b"x" * 1_600)
    line.near.when_written(lambda: told.append("first"))
    assert told == ["first"]

    line.near.send(b"x")
    line.near.when_written(lambda: told.append("second"))
    line.run()
    assert told == ["first"]
    line.b.resume()
    line.run()

    assert told == ["first", "second"]


def test_a_writer_is_told_when_writing_fails() -> None:
    line = Line()
    told: list[str] = []
    line.b.pause()
    line.near.send(b"x" * 2_000)
    line.near.when_written(lambda: told.append("over"))
    line.run()

    line.b.crash()
    line.run()

    assert told == ["over"]
    assert line.told == ["connection reset"]


def test_a_message_arrives_whole_with_the_last_of_its_bytes() -> None:
    line = Line()

    line.near.send(Message("large"), size_bytes=10_000)
    line.near.send(Message("small"), size_bytes=10)
    began_us = line.world.now_us
    line.run()

    assert line.heard == [Message("large"), Message("small")]
    assert line.world.now_us > began_us


def test_who_is_muted_fills_its_kernel_and_reads_on_where_it_was() -> None:
    line = Line()
    assert line.far is not None
    line.far.mute()

    for number in range(30):
        line.near.send(bytes([number]) * 100)
    line.run()
    assert line.heard == []
    assert line.far.has_unread
    assert not line.near.is_broken
    line.far.unmute()
    line.run()

    assert line.bytes_heard == b"".join(bytes([number]) * 100 for number in range(30))


@pytest.mark.parametrize("verb", ["hold", "cut"])
def test_a_link_that_lets_nothing_through_stops_a_writer_too(verb: str) -> None:
    line = Line()
    told: list[str] = []
    getattr(line.network, verb)("a", "b")

    line.near.send(b"x" * 5_000)
    line.near.when_written(lambda: told.append("written"))
    line.run()
    assert told == []
    line.network.open("a", "b")
    line.run(1_000_000)

    assert told == ["written"]
    assert len(line.bytes_heard) == 5_000


def test_room_that_is_made_is_told_by_a_packet_which_may_be_held() -> None:
    line = Line()
    line.b.pause()
    line.near.send(b"x" * 1_200)
    line.run()
    line.network.hold("b", "a", one_way=True)

    line.b.resume()
    line.run()
    assert len(line.bytes_heard) == 600
    line.network.open("b", "a")
    line.run()

    assert len(line.bytes_heard) == 1_200


def test_small_parts_wait_until_there_is_room_worth_the_packet() -> None:
    outbox = Outbox(send_bytes=1_000, receive_bytes=600)
    assert outbox.may_leave(500)

    outbox.put(b"x" * 300)
    assert outbox.next_part() is None
    outbox.unread_bytes -= 200
    part = outbox.next_part()

    assert part is not None
    assert size_of(part) == 300


def test_what_is_kept_of_a_message_without_its_last_bytes_is_no_message() -> None:
    outbox = Outbox(send_bytes=100, receive_bytes=100)
    outbox.put((Message("lost"), 250))

    outbox.forget_unwritten()
    part = outbox.next_part()

    assert part == (None, 100)
    assert outbox.next_part() is None
