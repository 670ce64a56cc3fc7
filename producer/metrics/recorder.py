"""Where the producer's metrics are recorded, an event or a batch at a time, and read all at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from producer.metrics.registry import METRICS, PERCENTS, TLS_CONNECTIONS, Group, Metric, MetricName, Stat
from producer.metrics.stats import NS_US, Distribution, RecordingLevel, Sensor, Window
from producer.wire.record_batch import BATCH_OVERHEAD

if TYPE_CHECKING:
    from producer.metrics.watches import MeasuredBatch

BOOTSTRAP_NODE_ID = -2
"""Bootstrap servers are numbered from here downwards inside; Kafka's names for them begin at -1."""

Gauges = Mapping[str, Callable[[int], float]]
"""What is read when it is asked for, by the name in the registry; each takes `now_us`."""


class Measured(dict[MetricName, float]):
    """All metrics at one moment. NaN where nothing has happened that could be averaged."""

    def value(self, name: str, *, group: str | None = None, **tags: str) -> float:
        """Give the one metric of that name: `value("byte-total", topic="orders")`, `value("request-total", node_id="node-1")`.

        Without a tag or a group it is the producer's own. Raises KeyError unless exactly one fits.
        """
        if group is None:
            group = _group_of(tags)
        wanted = {(tag.replace("_", "-"), value) for tag, value in tags.items()}
        found = [one for one in self if (one.group, one.name) == (group, name) and wanted <= set(one.tags)]
        if len(found) != 1:
            msg = f"{len(found)} metrics of group {group} are called {name} with tags {tags}"
            raise KeyError(msg)
        return self[found[0]]


class _Topic:
    """The sensors of one topic."""

    __slots__ = ("byte", "compression_rate", "record_error", "record_latency", "record_retry", "record_send")

    def __init__(self, window: Window) -> None:
        self.record_send = Sensor(window)
        self.byte = Sensor(window)
        self.compression_rate = Sensor(window)
        self.record_retry = Sensor(window)
        self.record_error = Sensor(window)
        self.record_latency = Distribution(window)


class _Node:
    """The sensors of one broker or bootstrap server."""

    __slots__ = ("incoming_byte", "request", "request_latency", "response")

    def __init__(self, window: Window, level: RecordingLevel) -> None:
        self.incoming_byte = Sensor(window)
        self.request = Sensor(window)
        self.request_latency = Distribution(window) if level >= RecordingLevel.DEBUG else Sensor(window)
        self.response = Sensor(window)


class ProducerMetrics:
    """The sensors of one producer. It is told what happens, and asked by `measure`.

    To `producer.client` it is a `NetworkWatch`, to a driver with sockets a `PollWatch`.
    """

    def __init__(
        self, *, client_id: str, window: Window | None = None, level: RecordingLevel = RecordingLevel.INFO
    ) -> None:
        self._client = (("client-id", client_id),)
        self._window = window = window or Window()
        self._level = level
        self._topics: dict[str, _Topic] = {}
        self._nodes: dict[int, _Node] = {}
        self._ciphers: dict[int, tuple[str, str]] = {}
        self.gauges: Gauges = {}
        """Given by whoever knows: the engine."""
        self.batch_size = Sensor(window)
        self.compression_rate = Sensor(window)
        self.record_queue_time = Sensor(window)
        self.record_size = Sensor(window)
        self.record_send = Sensor(window)
        self.record_retry = Sensor(window)
        self.record_error = Sensor(window)
        self.batch_split = Sensor(window)
        self.request_latency = Distribution(window)
        self.record_latency = Distribution(window)
        self.produce_throttle_time = Sensor(window)
        self.bufferpool_wait_time_ns = Sensor(window)
        self.buffer_exhausted = Sensor(window)
        self.flush_time_ns = Sensor(window)
        self.metadata_wait_time_ns = Sensor(window)
        self.txn_init_time_ns = Sensor(window)
        self.txn_begin_time_ns = Sensor(window)
        self.txn_send_offsets_time_ns = Sensor(window)
        self.txn_commit_time_ns = Sensor(window)
        self.txn_abort_time_ns = Sensor(window)
        self.txn_prepare_time_ns = Sensor(window)
        self.connection_creation = Sensor(window)
        self.connection_close = Sensor(window)
        self.successful_authentication = Sensor(window)
        self.failed_authentication = Sensor(window)
        self.successful_reauthentication = Sensor(window)
        self.failed_reauthentication = Sensor(window)
        self.reauthentication_latency = Sensor(window)
        self.network_io = Sensor(window)
        self.incoming_byte = Sensor(window)
        self.request = Sensor(window)
        self.response = Sensor(window)
        self.select = Sensor(window)
        self.io_time_ns = Sensor(window)

    # -- batches -----------------------------------------------------------------------------------------------------

    def produced(self, batches: Iterable[MeasuredBatch], now_us: int) -> None:
        """A Produce request left with these batches, encoded (Sender.updateProduceRequestMetrics)."""
        records = 0
        for batch in batches:
            encoded = batch.encoded
            assert encoded is not None
            size_bytes = len(encoded)
            count = batch.record_count
            records += count
            ratio = (size_bytes - BATCH_OVERHEAD) / (batch.size_bytes - BATCH_OVERHEAD)
            self.batch_size.record(size_bytes, now_us)
            self.compression_rate.record(ratio, now_us)
            self.record_queue_time.record(now_us - batch.created_us, now_us)
            self.record_size.record(batch.largest_record_bytes, now_us)
            topic = self._topic(batch.partition.topic)
            topic.record_send.record(count, now_us)
            topic.byte.record(size_bytes, now_us)
            topic.compression_rate.record(ratio, now_us)
        self.record_send.record(records, now_us)

    def answered(self, node_id: int, latency_us: int, throttle_ms: int, now_us: int) -> None:
        """A Produce request was answered."""
        self.request_latency.record(latency_us, now_us)
        self._node(node_id).request_latency.record(latency_us, now_us)
        self.throttled(throttle_ms, now_us)

    def delivered(self, batch: MeasuredBatch, now_us: int) -> None:
        """A batch was acknowledged."""
        latency_us, count = now_us - batch.created_us, batch.record_count
        self.record_latency.record(latency_us, now_us, times=count)
        if self._level >= RecordingLevel.DEBUG:
            self._topic(batch.partition.topic).record_latency.record(latency_us, now_us, times=count)

    def retried(self, batch: MeasuredBatch, now_us: int) -> None:
        """A batch went back for another attempt."""
        count = batch.record_count
        self.record_retry.record(count, now_us)
        self._topic(batch.partition.topic).record_retry.record(count, now_us)

    def failed(self, batch: MeasuredBatch, now_us: int) -> None:
        """A batch was given up."""
        count = batch.record_count
        self.record_error.record(count, now_us)
        self._topic(batch.partition.topic).record_error.record(count, now_us)

    def split(self, now_us: int) -> None:
        """A batch was too large and came back in parts."""
        self.batch_split.record(1, now_us)

    # -- `send` ------------------------------------------------------------------------------------------------------

    def refused(self, now_us: int) -> None:
        """`send` raised an error that Kafka has an ApiException for."""
        self.record_error.record(1, now_us)

    def exhausted(self, now_us: int) -> None:
        """`send` found no room within max.block.ms."""
        self.buffer_exhausted.record(1, now_us)
        self.refused(now_us)

    def waited_for_room(self, waited_us: int, now_us: int) -> None:
        """`send` waited for room, in vain or not."""
        self.bufferpool_wait_time_ns.record(waited_us * NS_US, now_us)

    def waited_for_metadata(self, waited_us: int, now_us: int) -> None:
        """`send` waited for metadata, and it came."""
        self.metadata_wait_time_ns.record(waited_us * NS_US, now_us)

    def flushed(self, spent_us: int, now_us: int) -> None:
        """A call of `flush` ended, in whatever way."""
        self.flush_time_ns.record(spent_us * NS_US, now_us)

    def spent_in_transaction(self, what: str, spent_us: int, now_us: int) -> None:
        """A transactional call ended, in whatever way: `txn_init`, `txn_begin`, `txn_send_offsets`, `txn_prepare`, `txn_commit`, `txn_abort`."""
        sensors = {
            "txn_init": self.txn_init_time_ns,
            "txn_begin": self.txn_begin_time_ns,
            "txn_send_offsets": self.txn_send_offsets_time_ns,
            "txn_prepare": self.txn_prepare_time_ns,
            "txn_commit": self.txn_commit_time_ns,
            "txn_abort": self.txn_abort_time_ns,
        }
        sensors[what].record(spent_us * NS_US, now_us)

    # -- the network -------------------------------------------------------------------------------------------------

    def connected(self, now_us: int) -> None:
        """A connection came up."""
        self.connection_creation.record(1, now_us)

    def disconnected(self, connection: int, now_us: int) -> None:
        """A connection ended, or could not be had."""
        self.connection_close.record(1, now_us)
        self._ciphers.pop(connection, None)

    def secured(self, connection: int, cipher: str, protocol: str) -> None:
        """The peers of a TLS connection agreed on a cipher."""
        self._ciphers[connection] = (cipher, protocol)

    def authenticated(self, renewing_since_us: int | None, now_us: int) -> None:
        """The peers of a connection accepted each other by TLS, by SASL, or both; anew, if a session was renewed."""
        if renewing_since_us is None:
            self.successful_authentication.record(1, now_us)
        else:
            self.successful_reauthentication.record(1, now_us)
            self.reauthentication_latency.record(now_us - renewing_since_us, now_us)

    def authentication_failed(self, renewing_since_us: int | None, now_us: int) -> None:
        """One peer of a connection refused the other."""
        sensor = self.failed_authentication if renewing_since_us is None else self.failed_reauthentication
        sensor.record(1, now_us)

    def written(self, node_id: int, size_bytes: int, now_us: int) -> None:
        """One request left."""
        node = self._node(node_id)
        self.network_io.record(1, now_us)
        self.request.record(size_bytes, now_us)
        node.request.record(size_bytes, now_us)

    def read(self, node_id: int, size_bytes: int, answers: int, now_us: int) -> None:
        """Bytes came in, with the ends of so many answers."""
        node = self._node(node_id)
        self.network_io.record(1, now_us)
        self.incoming_byte.record(size_bytes, now_us)
        node.incoming_byte.record(size_bytes, now_us)
        for _ in range(answers):
            self.response.record(1, now_us)
            node.response.record(1, now_us)

    def throttled(self, throttle_ms: int, now_us: int) -> None:
        """An answer told for how long to send nothing: 0 for not at all."""
        self.produce_throttle_time.record(throttle_ms, now_us)

    def polled(self, waited_us: int, worked_us: int, now_us: int) -> None:
        """A driver looked at its sockets, and did what there was to do."""
        self.select.record(waited_us * NS_US, now_us)
        self.io_time_ns.record(worked_us * NS_US, now_us)

    # -- reading -----------------------------------------------------------------------------------------------------

    def measure(self, now_us: int) -> Measured:
        """Read every metric, in the order of the registry."""
        measured = Measured()
        for metric in METRICS:
            if metric.level > self._level:
                continue
            for tags, sensors in self._sensors_of(metric.group):
                measured[MetricName(metric.group.value, metric.name, tags)] = self._read(metric, sensors, now_us)
        for (cipher, protocol), count in sorted(Counter(self._ciphers.values()).items()):
            tags = (*self._client, ("cipher", cipher), ("protocol", protocol))
            measured[MetricName(TLS_CONNECTIONS.group.value, TLS_CONNECTIONS.name, tags)] = count
        measured[MetricName(Group.COUNT.value, "count", self._client)] = len(measured)
        return measured

    def _sensors_of(self, group: Group) -> Iterable[tuple[tuple[tuple[str, str], ...], object]]:
        match group:
            case Group.PRODUCER | Group.COUNT:
                yield self._client, self
            case Group.TOPIC:
                for name, topic in self._topics.items():
                    yield (*self._client, ("topic", name)), topic
            case Group.NODE:
                for node_id, node in self._nodes.items():
                    yield (*self._client, ("node-id", _node_name(node_id))), node

    def _read(self, metric: Metric, sensors: object, now_us: int) -> float:
        if metric.stat is Stat.VALUE:
            gauge = self.gauges.get(metric.sensor)
            return gauge(now_us) / metric.divisor if gauge is not None else 0
        return statistic(getattr(sensors, metric.sensor), metric.stat, now_us) / metric.divisor

    def _topic(self, name: str) -> _Topic:
        topic = self._topics.get(name)
        if topic is None:
            topic = self._topics[name] = _Topic(self._window)
        return topic

    def _node(self, node_id: int) -> _Node:
        node = self._nodes.get(node_id)
        if node is None:
            node = self._nodes[node_id] = _Node(self._window, self._level)
        return node


def statistic(sensor: Sensor, stat: Stat, now_us: int) -> float:
    """Read one statistic of a sensor at a time."""
    match stat:
        case Stat.RATE:
            return sensor.rate(now_us)
        case Stat.EVENT_RATE:
            return sensor.event_rate(now_us)
        case Stat.AVG:
            return sensor.average(now_us)
        case Stat.MAX:
            return sensor.maximum(now_us)
        case Stat.TOTAL:
            return sensor.total
        case Stat.COUNT:
            return sensor.count
        case _:
            assert isinstance(sensor, Distribution)
            return sensor.percentile(PERCENTS[stat], now_us)


def _node_name(node_id: int) -> str:
    """Give Kafka's name: "node-3"; "node--1" for the first bootstrap server."""
    return f"node-{node_id + 1 if node_id <= BOOTSTRAP_NODE_ID else node_id}"


def _group_of(tags: Mapping[str, str]) -> str:
    if "topic" in tags:
        return Group.TOPIC.value
    return Group.NODE.value if "node_id" in tags else Group.PRODUCER.value
