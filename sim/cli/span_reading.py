"""A span of a topic read on sockets: what it begins and ends with is looked up first, where no number says it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from sim.cli.endings import CommandError, Exit
from sim.clients.consumer import EARLIEST, LATEST, at_time
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.cli.offsets_named import Span
    from sim.clients.consumer import ConsumedRecord, Consumer

POLL_US = 200_000
"""How long one wait lasts before its conditions are looked at again."""


class Opened(NamedTuple):
    """A consumer on its sockets."""

    consumer: Consumer
    poll: Callable[[int], None]
    close: Callable[[], None]


Open = Callable[[int], Opened]
"""Begins a consumer of the topic at a place."""


class SpanReading:
    """Reads a span, and gives its records as they come."""

    def __init__(self, open_at: Open, span: Span, *, what: str, bootstrap: str, timeout_s: int) -> None:
        """`what` is how messages call the topic; it has to be found within the time."""
        self._open_at = open_at
        self._span = span
        self._what = what
        self._bootstrap = bootstrap
        self._timeout_us = timeout_s * SECOND_US

    def read(self, show: Callable[[Iterable[ConsumedRecord]], None], count_max: int | None) -> None:
        """Show records until the span ends, or so many are shown. Raises CommandError if it cannot be read."""
        span = self._span
        begins: dict[TopicPartition, int] = {}
        if span.last:
            # Where the log begins later than that, its broker says so, and reading begins there.
            begins = {one: max(0, end - span.last) for one, end in self._looked_up(LATEST).items()}
        stops = {} if span.stop_at_ms is None else self._looked_up(at_time(span.stop_at_ms))
        opened = self._open_at(EARLIEST if span.last else span.begin_at)
        try:
            self._read(opened, begins, stops, show, count_max)
        finally:
            opened.close()

    def _read(
        self,
        opened: Opened,
        begins: Mapping[TopicPartition, int],
        stops: Mapping[TopicPartition, int],
        show: Callable[[Iterable[ConsumedRecord]], None],
        count_max: int | None,
    ) -> None:
        from producer.drivers.clock import now_us

        consumer, left, begun_us = opened.consumer, count_max, now_us()
        if begins:
            consumer.assign(begins, begun_us)
        while True:
            opened.poll(POLL_US)
            records = [one for one in consumer.take_records() if not _is_behind(one, stops)]
            if left is not None:
                records = records[:left]
                left -= len(records)
            show(records)
            if left == 0 or consumer.is_at_end or (stops and _has_reached(consumer, stops)):
                return
            self._check(consumer, begun_us)

    def _looked_up(self, place: int) -> dict[TopicPartition, int]:
        """Ask for the offset of a place in each partition. Raises CommandError."""
        from producer.drivers.clock import now_us

        opened, begun_us = self._open_at(place), now_us()
        try:
            while True:
                positions = opened.consumer.positions()
                if positions and all(offset >= 0 for offset in positions.values()):
                    return positions
                opened.poll(POLL_US)
                self._check(opened.consumer, begun_us, is_open=bool(positions))
        finally:
            opened.close()

    def _check(self, consumer: Consumer, begun_us: int, *, is_open: bool = False) -> None:
        """Raise CommandError if reading can never succeed, or if nobody has answered in time."""
        from producer.drivers.clock import now_us
        from sim.clients.consumer import NoSuchPartitionError

        if consumer.error is not None:
            status = Exit.USAGE if isinstance(consumer.error, NoSuchPartitionError) else Exit.VIOLATED
            raise CommandError(f"{consumer.error} (bootstrap servers: {self._bootstrap})", status)
        if (is_open or not consumer.knows_topics) and now_us() - begun_us > self._timeout_us:
            text = f"{self._what}: no answer from {self._bootstrap} within {self._timeout_us // SECOND_US} s"
            raise CommandError(text, Exit.VIOLATED)


def _is_behind(record: ConsumedRecord, stops: Mapping[TopicPartition, int]) -> bool:
    from producer.records import TopicPartition

    stop = stops.get(TopicPartition(record.topic, record.partition))
    return stop is not None and record.offset >= stop


def _has_reached(consumer: Consumer, stops: Mapping[TopicPartition, int]) -> bool:
    positions = consumer.positions()
    return all(positions.get(one, -1) >= stop for one, stop in stops.items())
