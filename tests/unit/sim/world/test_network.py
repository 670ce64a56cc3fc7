"""Streams between hosts: ordered bytes, and every way in which they fail to arrive."""

from typing import Any

from sim.world.kernel import World
from sim.world.network import Endpoint, Host, Network
from sim.world.network.link import LinkQuality


class Wire:
    """Two hosts and one stream from `a` to `b`; what each side saw is in `at_a` and `at_b`."""

    def __init__(self, quality: LinkQuality | None = None) -> None:
        self.world = World(seed=1)
        self.network = Network(self.world, quality)
        self.a: Host = self.network.add_host("a")
        self.b: Host = self.network.add_host("b")
        self.at_a: list[Any] = []
        self.at_b: list[Any] = []
        self.near: Endpoint | None = None
        self.far: Endpoint | None = None
        self.b.on_connection = self._accept

    def _accept(self, endpoint: Endpoint) -> None:
        self.far = endpoint
        endpoint.on_received = self.at_b.append
        endpoint.on_closed = self.at_b.append

    def _opened(self, endpoint: Endpoint) -> None:
        self.near = endpoint
        endpoint.on_received = self.at_a.append
        endpoint.on_closed = self.at_a.append

    def connect(self) -> None:
        self.network.connect(self.a, "b", connection=1, on_open=self._opened, on_failed=self.at_a.append)
        self.run()

    def run(self, microseconds: int = 10_000) -> None:
        self.world.run_until(self.world.now_us + microseconds)

    def send(self, *payloads: bytes) -> None:
        assert self.near is not None
        for payload in payloads:
            self.near.send(payload)

    @classmethod
    def open(cls) -> "Wire":
        wire = cls()
        wire.connect()
        return wire


def test_payloads_arrive_whole_and_in_order_in_spite_of_jitter() -> None:
    wire = Wire(LinkQuality(latency_us=10, jitter_us=5_000))
    wire.connect()
    payloads = [b"%d" % number for number in range(50)]

    wire.send(*payloads)
    wire.run(100_000)

    assert wire.at_b == payloads


def test_a_stream_names_who_opened_it() -> None:
    wire = Wire.open()

    assert wire.far is not None
    assert wire.far.opener == ("a", 1, "")


def test_nobody_listening_is_a_refusal() -> None:
    wire = Wire()
    wire.b.on_connection = None

    wire.connect()

    assert wire.at_a == ["connection refused"]


def test_a_close_comes_after_what_was_sent() -> None:
    wire = Wire.open()
    assert wire.near is not None

    wire.send(b"last words")
    wire.near.close()
    wire.run()

    assert wire.at_b == [b"last words", "closed by peer"]


def test_a_reset_travels_behind_what_was_sent_and_is_known_at_once_where_it_comes_from() -> None:
    wire = Wire.open()
    assert wire.near is not None
    wire.b.pause()
    wire.send(b"arrived")
    wire.run()
    wire.send(b"under way")

    wire.near.reset()
    wire.send(b"too late")
    assert (wire.at_a, wire.at_b) == (["connection reset"], [])
    wire.b.resume()
    wire.run()

    assert wire.at_b == [b"arrived", b"under way", "connection reset"]


def test_a_reset_loses_what_is_under_way_to_whoever_resets() -> None:
    wire = Wire.open()
    assert wire.near is not None
    assert wire.far is not None
    wire.far.send(b"under way")

    wire.near.reset()
    wire.run()

    assert wire.at_a == ["connection reset"]
    assert wire.at_b == ["connection reset"]


def test_a_reset_that_is_lost_leaves_the_other_end_open_until_it_sends() -> None:
    wire = Wire.open()
    assert wire.near is not None
    assert wire.far is not None
    wire.network.cut("a", "b")
    wire.near.reset()
    wire.run()
    wire.network.open("a", "b")
    wire.run()
    assert wire.at_b == []

    wire.far.send(b"is anybody there")
    wire.run()

    assert wire.at_b == ["connection reset"]


def test_what_is_sent_to_an_end_that_was_closed_is_answered_with_a_reset() -> None:
    wire = Wire.open()
    assert wire.near is not None
    assert wire.far is not None
    wire.far.send(b"under way")

    wire.near.close()
    wire.run()

    assert wire.at_a == []
    assert wire.at_b == ["closed by peer"]
    assert wire.far.is_broken


def test_who_closes_with_something_unread_resets() -> None:
    wire = Wire.open()
    wire.send(b"unread")
    wire.b.pause()
    wire.run()

    wire.b.crash()
    wire.run()

    assert wire.at_a == ["connection reset"]


def test_a_held_link_delivers_later_even_from_a_connection_that_was_closed() -> None:
    wire = Wire.open()
    assert wire.near is not None
    wire.network.hold("a", "b")
    wire.send(b"late")
    wire.near.close()
    wire.run(1_000_000)
    assert wire.at_b == []

    wire.network.open("a", "b")
    wire.run()

    assert wire.at_b == [b"late", "closed by peer"]


def test_a_cut_link_delivers_after_the_repair_only_while_the_sender_keeps_the_connection() -> None:
    for is_closed in (False, True):
        wire = Wire.open()
        assert wire.near is not None
        wire.network.cut("a", "b")
        wire.send(b"repeated")
        if is_closed:
            wire.near.close()
        wire.run()

        wire.network.open("a", "b")
        wire.run()

        assert (b"repeated" in wire.at_b) == (not is_closed)


def test_a_rejected_link_breaks_its_streams_and_refuses_new_ones_at_once_until_it_opens() -> None:
    wire = Wire.open()
    began_us = wire.world.now_us
    failed: list[tuple[str, int]] = []

    def connect() -> None:
        wire.network.connect(
            wire.a,
            "b",
            connection=2,
            on_open=lambda _: failed.append(("opened", 0)),
            on_failed=lambda reason: failed.append((reason, wire.world.now_us - began_us)),
        )

    wire.network.reject("a", "b")
    connect()
    wire.run()

    assert wire.at_a == wire.at_b == ["connection reset"]
    assert failed == [("connection rejected", 0)]
    wire.network.open("b")
    connect()
    wire.run()
    assert failed[1:] == [("opened", 0)]


def test_a_host_that_is_rejected_stays_so_for_those_who_come_later() -> None:
    wire = Wire.open()
    wire.network.reject("b")
    late = wire.network.add_host("late")
    failed: list[str] = []

    wire.network.connect(late, "b", connection=1, on_open=lambda _: None, on_failed=failed.append)
    wire.run()

    assert failed == ["connection rejected"]


def test_a_one_way_cut_leaves_the_way_back() -> None:
    wire = Wire.open()
    assert wire.far is not None
    wire.network.cut("a", "b", one_way=True)

    wire.send(b"lost")
    wire.far.send(b"back")
    wire.run()

    assert (wire.at_b, wire.at_a) == ([], [b"back"])


def test_a_paused_process_reads_everything_when_it_goes_on() -> None:
    wire = Wire.open()
    wire.b.pause()
    wire.send(b"one", b"two")
    wire.run()
    assert wire.at_b == []

    wire.b.resume()
    wire.run()

    assert wire.at_b == [b"one", b"two"]


def test_a_paused_host_accepts_connections_and_serves_them_later() -> None:
    wire = Wire()
    wire.b.pause()
    wire.connect()
    wire.send(b"hello")
    wire.run()
    assert wire.far is None

    wire.b.resume()
    wire.run()

    assert wire.at_b == [b"hello"]


def test_a_crash_closes_every_stream_and_forgets_every_timer() -> None:
    wire = Wire.open()
    wire.b.call_in(5_000, wire.at_b.append, "timer")

    wire.b.crash()
    wire.run()

    assert wire.at_a == ["closed by peer"]
    assert wire.at_b == []


def test_what_was_under_way_to_a_crashed_host_never_reaches_its_next_life() -> None:
    wire = Wire.open()
    wire.send(b"too late")

    wire.b.crash()
    wire.b.start()
    wire.b.on_connection = wire._accept
    wire.run()

    assert wire.at_b == []


def test_a_stalled_end_sends_nothing_and_tells_nobody() -> None:
    wire = Wire.open()
    assert wire.near is not None

    wire.near.stall()
    wire.send(b"nothing")
    wire.run()

    assert (wire.at_a, wire.at_b) == ([], [])


def test_an_abandoned_attempt_calls_nobody_back() -> None:
    wire = Wire()
    attempt = wire.network.connect(wire.a, "b", connection=1, on_open=wire._opened, on_failed=wire.at_a.append)

    attempt.abandon()
    wire.run()

    assert wire.near is None
    assert wire.at_b == ["closed by peer"]


def test_an_attempt_of_a_process_that_is_gone_opens_nothing() -> None:
    wire = Wire()
    wire.network.connect(wire.a, "b", connection=1, on_open=wire._opened, on_failed=wire.at_a.append)

    wire.a.crash()
    wire.a.start()
    wire.run()

    assert wire.near is None
    assert wire.far is None


def test_large_payloads_take_their_bandwidth() -> None:
    wire = Wire(LinkQuality(latency_us=100, jitter_us=0, bandwidth_bytes_s=1_000_000))
    wire.connect()

    wire.send(b"x" * 50_000)
    wire.run(49_000)
    assert wire.at_b == []
    wire.run(2_000)

    assert len(wire.at_b) == 1
