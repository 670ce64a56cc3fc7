"""Kafka's metrics over a run: the producers' own, by Kafka's arithmetic, as far as a trace tells them; and the brokers' counts of partitions.

The trace holds no bytes of requests, no memory and no time of threads, so what Kafka measures of those is not among them.
"""

from __future__ import annotations

from bisect import bisect_right
from copy import deepcopy
from typing import TYPE_CHECKING, Any, NamedTuple

from producer import events as engine
from producer.metrics.recorder import statistic
from producer.metrics.registry import METRICS, PERCENTS, Group, Metric
from producer.metrics.stats import Distribution, Sensor, Window
from sim.trace import events as cluster

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.tui.view_model.film import Film
    from sim.tui.view_model.state import State

COLUMNS = 120
"""So many moments of the run are measured, the same distance apart."""
KEPT_EVERY = 2_000
"""Events between two recorders that are kept: a moment is at most that many behind one of them."""
KNOWN_MAX = 256
"""So many moments that were read are remembered: those before faults are read again and again."""
WINDOWS = 30
"""A window's sample is that part of the run: stories are shorter than Kafka's default of 30 s."""
SAMPLES = 2
"""`metrics.num.samples`, Kafka's default."""
SENSORS = (
    "batch_size", "record_queue_time", "record_send", "record_retry", "record_error", "batch_split", "request_latency",
    "record_latency", "connection_creation", "connection_close",
)  # fmt: skip
"""Those that the events of a trace feed."""
TOLD: tuple[Metric, ...] = tuple(one for one in METRICS if one.group is Group.PRODUCER and one.sensor in SENSORS)
"""Kafka's producer metrics that are told, as its registry has them."""

Values = dict[str, float]
"""By the metric's name; NaN where nothing has happened that could be averaged."""
Request = tuple[str, int, int]
"""(client, connection, correlation id)."""


class Count(NamedTuple):
    """One of the brokers' or the controller's metrics, by Kafka's name."""

    name: str
    meaning: str


COUNTS = (
    Count("UnderReplicatedPartitions", "partitions with fewer in sync than they have replicas (ReplicaManager)"),
    Count("UnderMinIsrPartitionCount", "partitions with fewer in sync than min.insync.replicas (ReplicaManager)"),
    Count("OfflinePartitionsCount", "partitions without a leader (KafkaController)"),
    Count("ActiveBrokerCount", "brokers that the controller counts on (KafkaController)"),
    Count("FencedBrokerCount", "brokers that it knows and does not count on (KafkaController)"),
)


def counts_of(state: State) -> Values:
    """Count what the brokers and the controller would, after one event."""
    known = [one for one in state.partitions.values() if one.replicas]
    fenced = sum(one.is_fenced for one in state.brokers.values())
    return {
        "UnderReplicatedPartitions": sum(len(one.isr) < len(one.replicas) for one in known),
        "UnderMinIsrPartitionCount": sum(len(one.isr) < one.min_insync_replicas for one in known),
        "OfflinePartitionsCount": sum(one.leader < 0 for one in known),
        "ActiveBrokerCount": len(state.brokers) - fenced,
        "FencedBrokerCount": fenced,
    }


class _Sensors:
    """The sensors of one producer, as `ProducerMetrics` has them."""

    __slots__ = ("by_name",)

    def __init__(self, window: Window) -> None:
        spread = {one.sensor for one in TOLD if one.stat in PERCENTS}
        self.by_name: dict[str, Sensor] = {
            name: Distribution(window) if name in spread else Sensor(window) for name in SENSORS
        }

    def read(self, now_us: int) -> Values:
        """Read all, which may begin windows: of a copy."""
        return {one.name: statistic(self.by_name[one.sensor], one.stat, now_us) / one.divisor for one in TOLD}


class Recorder:
    """Feeds the sensors with a trace's events, as the engine feeds its own."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.clients: dict[str, _Sensors] = {}
        self.opened_us: dict[tuple[str, int], int] = {}
        self.records: dict[tuple[str, int], int] = {}
        self.request_of: dict[tuple[str, int], Request] = {}
        self.sent_us: dict[Request, int] = {}
        """Of requests that wait for their answer."""
        self.answered: dict[Request, int] = {}
        """Those whose answer is on its way; when they were sent."""
        self.leaving: tuple[Request, int, int] | None = None
        """(the request that batches leave with, when, records so far): its records are recorded together."""
        self.unplaced: set[tuple[str, int]] = set()
        """Records that have no batch yet."""

    def sensors(self, client: str) -> dict[str, Sensor]:
        found = self.clients.get(client)
        if found is None:
            found = self.clients[client] = _Sensors(self.window)
        return found.by_name

    def take(self, event: Any) -> None:
        """Record one event."""
        kind = type(event)
        if self.leaving is not None and (kind is not engine.BatchSent or _request(event) != self.leaving[0]):
            self.settle()
        taker = _TAKERS.get(kind)
        if taker is not None:
            taker(self, event)

    def settle(self) -> None:
        """Record the records of the request whose batches have all left."""
        if self.leaving is not None:
            request, at_us, records = self.leaving
            self.sensors(request[0])["record_send"].record(records, at_us)
            self.leaving = None

    def read(self, now_us: int) -> dict[str, Values]:
        """Read every producer's metrics at a time, without a trace of having done so."""
        copied = deepcopy(self)
        copied.settle()
        return {client: one.read(now_us) for client, one in copied.clients.items()}

    # -- batches -------------------------------------------------------------------------------------------------------

    def _opened(self, event: engine.BatchOpened) -> None:
        self.opened_us[event.client, event.batch] = event.at_us

    def _accepted(self, event: engine.RecordAccepted) -> None:
        key = (event.client, event.batch)
        self.records[key] = self.records.get(key, 0) + 1
        self.unplaced.discard((event.client, event.token))

    def _sent(self, event: engine.BatchSent) -> None:
        key, request = (event.client, event.batch), _request(event)
        sensors = self.sensors(event.client)
        sensors["batch_size"].record(event.size_bytes, event.at_us)
        sensors["record_queue_time"].record(event.at_us - self.opened_us.get(key, event.at_us), event.at_us)
        self.records[key] = event.record_count
        self.request_of[key] = request
        self.sent_us[request] = event.at_us
        before = 0 if self.leaving is None else self.leaving[2]
        self.leaving = (request, event.at_us, before + event.record_count)

    def _acknowledged(self, event: engine.BatchAcknowledged) -> None:
        key, sensors = (event.client, event.batch), self.sensors(event.client)
        self._latency(key, event.at_us)
        latency = sensors["record_latency"]
        assert isinstance(latency, Distribution)
        times = self.records.get(key, 1)
        latency.record(event.at_us - self.opened_us.get(key, event.at_us), event.at_us, times=times)
        self._over(key)

    def _retried(self, event: engine.BatchRetried) -> None:
        key = (event.client, event.batch)
        self._latency(key, event.at_us)
        self.sensors(event.client)["record_retry"].record(self.records.get(key, 0), event.at_us)

    def _failed(self, event: engine.BatchFailed) -> None:
        key = (event.client, event.batch)
        self._latency(key, event.at_us)
        self.sensors(event.client)["record_error"].record(self.records.get(key, 0), event.at_us)
        self._over(key)

    def _split(self, event: engine.BatchSplit) -> None:
        key = (event.client, event.batch)
        self._latency(key, event.at_us)
        self.sensors(event.client)["batch_split"].record(1, event.at_us)
        created_us = self.opened_us.get(key, event.at_us)
        for part in event.parts:
            self.opened_us[event.client, part] = created_us
        self._over(key)

    def _over(self, key: tuple[str, int]) -> None:
        for kept in (self.opened_us, self.records, self.request_of):
            kept.pop(key, None)

    # -- requests ------------------------------------------------------------------------------------------------------

    def _answered(self, event: cluster.ProduceAnswered) -> None:
        request = _request(event)
        sent_us = self.sent_us.pop(request, None)
        if sent_us is not None:
            self.answered[request] = sent_us

    def _dropped(self, event: cluster.ResponseDropped) -> None:
        self.answered.pop(_request(event), None)

    def _latency(self, batch: tuple[str, int], at_us: int) -> None:
        """Record how long a request took, at the first of its batches that hears of the answer."""
        sent_us = self.answered.pop(self.request_of.get(batch, ("", -1, -1)), None)
        if sent_us is not None:
            self.sensors(batch[0])["request_latency"].record(at_us - sent_us, at_us)

    # -- the rest ------------------------------------------------------------------------------------------------------

    def _record_sent(self, event: cluster.RecordSent) -> None:
        self.unplaced.add((event.client, event.record))

    def _record_failed(self, event: cluster.RecordFailed) -> None:
        if (event.client, event.record) in self.unplaced:
            # `send` refused it: no batch tells of that.
            self.unplaced.discard((event.client, event.record))
            self.sensors(event.client)["record_error"].record(1, event.at_us)

    def _connected(self, event: engine.ConnectionReady) -> None:
        self.sensors(event.client)["connection_creation"].record(1, event.at_us)

    def _disconnected(self, event: engine.ConnectionLost) -> None:
        self.sensors(event.client)["connection_close"].record(1, event.at_us)
        for request in [one for one in self.answered if one[:2] == (event.client, event.connection)]:
            del self.answered[request]


def _request(event: Any) -> Request:
    return (event.client, event.connection, event.correlation_id)


_TAKERS: dict[type[Any], Any] = {
    engine.BatchOpened: Recorder._opened,
    engine.RecordAccepted: Recorder._accepted,
    engine.BatchSent: Recorder._sent,
    engine.BatchAcknowledged: Recorder._acknowledged,
    engine.BatchRetried: Recorder._retried,
    engine.BatchFailed: Recorder._failed,
    engine.BatchSplit: Recorder._split,
    engine.ConnectionReady: Recorder._connected,
    engine.ConnectionLost: Recorder._disconnected,
    cluster.RecordSent: Recorder._record_sent,
    cluster.RecordFailed: Recorder._record_failed,
    cluster.ProduceAnswered: Recorder._answered,
    cluster.ResponseDropped: Recorder._dropped,
}


class Metrics:
    """The metrics of one run: as curves over all of it, and as they are at any of its events."""

    __slots__ = ("_film", "_kept", "_known", "columns", "counts", "producers", "window")

    def __init__(self, film: Film) -> None:
        """Measure the run from its story's begin to its end, in one pass."""
        self._film = film
        self._known: dict[int, dict[str, Values]] = {}
        events: Sequence[Any] = film.events
        end_us = events[-1].at_us if events else film.begun_us
        span_us = max(end_us - film.begun_us, 1)
        self.window = Window(sample_us=max(span_us // WINDOWS, 1_000), samples=SAMPLES)
        self.columns: list[int] = []
        """How many events were over at each moment that was measured."""
        self.producers: dict[str, list[Values]] = {}
        """By client, for each of those moments."""
        self.counts: list[Values] = []
        """The brokers' metrics, for each of them."""
        recorder = Recorder(self.window)
        self._kept: list[tuple[int, Recorder]] = [(0, deepcopy(recorder))]
        place = 0
        for column in range(COLUMNS):
            at_us = film.begun_us + span_us * (column + 1) // COLUMNS
            while place < len(events) and events[place].at_us <= at_us:
                recorder.take(events[place])
                place += 1
                if place - self._kept[-1][0] >= KEPT_EVERY:
                    self._kept.append((place, deepcopy(recorder)))
            self.columns.append(place)
            if place > self._kept[-1][0]:
                self._kept.append((place, deepcopy(recorder)))
            for client, values in recorder.read(at_us).items():
                self.producers.setdefault(client, [{} for _ in range(column)]).append(values)
            self.counts.append(counts_of(film.state_at(place - 1)))

    def at(self, index: int) -> dict[str, Values]:
        """Read every producer's metrics right after event `index`, by client."""
        known = self._known.get(index)
        if known is not None:
            return known
        events = self._film.events
        nearest = bisect_right(self._kept, index + 1, key=lambda kept: kept[0]) - 1
        place, recorder = self._kept[nearest]
        recorder = deepcopy(recorder)
        for event in events[place : index + 1]:
            recorder.take(event)
        if len(self._known) >= KNOWN_MAX:
            self._known.clear()
        found = self._known[index] = recorder.read(events[index].at_us)
        return found

    def counts_at(self, index: int) -> Values:
        """Count partitions and brokers right after event `index`."""
        return counts_of(self._film.state_at(index))

    def column_of(self, index: int) -> int:
        """Give the first moment that was measured when event `index` was over; the last one for those behind it."""
        return min(bisect_right(self.columns, index), len(self.columns) - 1)


__all__ = ["COLUMNS", "COUNTS", "TOLD", "Metrics", "Recorder", "Values", "counts_of"]
