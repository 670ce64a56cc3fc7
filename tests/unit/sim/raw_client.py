"""A client that is nothing but bytes: it opens streams to brokers, and encodes and decodes with `producer.wire`.

Each call runs the world until its answer is there. `Lab` is a started cluster with one such client.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire import api
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.frames import FrameReader
from producer.wire.messages import fetch, produce
from producer.wire.messages.produce import ProducePartitionResponse
from producer.wire.record_batch import BatchRecord, decode_records, encode_batch, split_batches
from sim.cluster.cluster import Cluster
from sim.cluster.config import ClusterConfig
from sim.cluster.failures import end_at_failure
from sim.cluster.topic_config import TopicConfig
from sim.judges.invariants import Watch
from sim.trace.trace import Trace
from sim.world.kernel import World
from sim.world.network import Endpoint
from sim.world.network.host import ANY_PORT
from sim.world.units import SECOND_US

EVENTS_MAX = 2_000_000

APIS = (
    ApiKey.PRODUCE,
    ApiKey.FETCH,
    ApiKey.LIST_OFFSETS,
    ApiKey.OFFSET_FOR_LEADER_EPOCH,
    ApiKey.METADATA,
    ApiKey.API_VERSIONS,
    ApiKey.INIT_PRODUCER_ID,
)
"""What a simulated broker serves."""

ORDERS = TopicPartition("orders", 0)


class RawConnection:
    """One stream to one broker."""

    def __init__(self, client: RawClient, broker: int, port: int) -> None:
        self._world = client.world
        self._reader = FrameReader()
        self._endpoint: Endpoint | None = None
        self._asked: dict[int, tuple[ApiKey, int]] = {}
        self.number = client.next_connection()
        self.correlation_id = 0
        self.answers: dict[int, Any] = {}
        self.answered_us: dict[int, int] = {}
        self.closed: str | None = None
        self.bare: list[bytes] = []
        """What came without a header, once that is expected."""
        self._is_bare = False
        client.cluster.network.connect(
            client.host, f"b{broker}", port=port, connection=self.number, on_open=self._opened, on_failed=self._closed
        )

    def _opened(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        endpoint.on_received = self._received
        endpoint.on_closed = self._closed

    def _closed(self, reason: str) -> None:
        self.closed = reason

    @property
    def is_open(self) -> bool:
        return self._endpoint is not None and self.closed is None

    @property
    def endpoint(self) -> Endpoint:
        assert self._endpoint is not None
        return self._endpoint

    def _received(self, data: bytes) -> None:
        for payload in self._reader.feed(data):
            if self._is_bare:
                self.bare.append(payload)
                continue
            correlation_id = api.read_correlation_id(payload)
            key, version = self._asked[correlation_id]
            body = api.response_body(key, version, payload)
            self.answers[correlation_id] = decode(key.message("response"), body, version)
            self.answered_us[correlation_id] = self._world.now_us

    def expect_bare(self) -> None:
        """From now on frames have no header."""
        self._is_bare = True

    def send(self, key: ApiKey, value: Any, version: int) -> int:
        """Send one request; return its correlation id."""
        self.correlation_id += 1
        body = encode(value, version)
        self._asked[self.correlation_id] = (key, version)
        self.endpoint.send(api.encode_request(key, version, self.correlation_id, "raw", body))
        return self.correlation_id

    def wait(self, correlation_id: int, *, within_us: int = 60 * SECOND_US) -> Any:
        """Run the world until that answer is there; None if the connection ended or the time was up."""
        self._world.run_while(
            lambda: correlation_id not in self.answers and self.closed is None,
            until_us=self._world.now_us + within_us,
            events_max=EVENTS_MAX,
        )
        return self.answers.get(correlation_id)

    def call(self, key: ApiKey, value: Any, version: int | None = None) -> Any:
        """Ask, and wait for the answer; in the highest version that Apache Kafka speaks, where none is said."""
        highest = api.AHEAD_OF_KAFKA[key] - 1 if key in api.AHEAD_OF_KAFKA else api.SUPPORTED[key].highest
        return self.wait(self.send(key, value, highest if version is None else version))


class RawClient:
    """A client host. Its `produce` and `read` find the leader as the controller has it."""

    def __init__(self, cluster: Cluster, name: str = "c1") -> None:
        self.cluster = cluster
        self.world = cluster.world
        self.host = cluster.network.add_host(name)
        self._connections = 0

    def next_connection(self) -> int:
        self._connections += 1
        return self._connections

    def connect(self, broker: int, *, port: int = ANY_PORT) -> RawConnection:
        """Open a stream; returns once it is open or refused, or after a second."""
        connection = RawConnection(self, broker, port)
        self.world.run_while(
            lambda: not connection.is_open and connection.closed is None,
            until_us=self.world.now_us + SECOND_US,
            events_max=EVENTS_MAX,
        )
        return connection

    def produce(self, *values: bytes, tp: TopicPartition = ORDERS, **how: Any) -> ProducePartitionResponse:
        """Produce one batch to the leader on a new connection, and wait for the answer."""
        connection = self.connect(self.cluster.leader_of(tp))
        return part_of(connection.wait(send_batch(connection, *values, tp=tp, **how)))

    def read(self, tp: TopicPartition = ORDERS, *, broker: int | None = None, offset: int = 0) -> list[bytes | None]:
        """Read every visible value from the leader."""
        return [record.value for record in self.read_records(tp, broker=broker, offset=offset)]

    def read_records(
        self, tp: TopicPartition = ORDERS, *, broker: int | None = None, offset: int = 0
    ) -> list[BatchRecord]:
        connection = self.connect(self.cluster.leader_of(tp) if broker is None else broker)
        partition = fetch.FetchPartition(tp.partition, fetch_offset=offset, partition_max_bytes=1 << 20)
        wanted = fetch.FetchRequest(
            min_bytes=1,
            topics=(fetch.FetchTopic(tp.topic, partitions=(partition,)),),
        )
        answer = connection.call(ApiKey.FETCH, wanted, 12).responses[0].partitions[0]
        assert answer.error_code == 0, Code(answer.error_code)
        return [record for _, data in split_batches(answer.records) for record in decode_records(data)]


def send_batch(
    connection: RawConnection,
    *values: bytes,
    tp: TopicPartition = ORDERS,
    acks: int = -1,
    timeout_ms: int = 30_000,
    version: int = 12,
    identity: tuple[int, int] = (-1, -1),
    sequence: int = -1,
    records: bytes | None = None,
    topic_id: bytes = bytes(16),
    timestamp_ms: int = 1_000,
) -> int:
    """Send one Produce request with one batch; return its correlation id."""
    if records is None:
        records = encode_batch(
            [(None, value, (), timestamp_ms) for value in values],
            producer_id=identity[0],
            producer_epoch=identity[1],
            base_sequence=sequence,
        )
    topic = produce.ProduceTopic(tp.topic, topic_id, (produce.ProducePartition(tp.partition, records),))
    return connection.send(ApiKey.PRODUCE, produce.ProduceRequest(None, acks, timeout_ms, (topic,)), version)


def part_of(answer: Any) -> ProducePartitionResponse:
    """The one partition of a Produce answer."""
    assert answer is not None, "no answer"
    part: ProducePartitionResponse = answer.responses[0].partition_responses[0]
    return part


class Lab:
    """A started cluster, settled, with a trace and a raw client.

    A broker's failure ends it, as it ends a run, unless `is_served`; a breach of an invariant, unless it `is_harmed`.
    """

    def __init__(
        self, *topics: TopicConfig, seed: int = 1, is_served: bool = False, is_harmed: bool = False, **config: Any
    ) -> None:
        self.world = World(seed=seed)
        self.trace = Trace()
        if not is_served:
            end_at_failure(self.world, self.trace)
        topics = topics or (TopicConfig("orders"),)
        # What raw clients write is of 1970, unless they say otherwise: a broker would remove it when it looks first.
        config.setdefault("log_initial_task_delay_us", 86_400 * SECOND_US)
        self.cluster = Cluster(self.world, self.trace, ClusterConfig(topics=topics, **config))
        self.watch = Watch(self.world, self.trace, self.cluster, is_fatal=not is_harmed)
        self.client = RawClient(self.cluster)
        self.cluster.start()
        assert self.settle()

    def settle(self, *, within_us: int = 120 * SECOND_US) -> bool:
        """Run until the cluster is settled. Returns whether it is."""
        return self.world.run_while(
            lambda: not self.cluster.is_settled(), until_us=self.world.now_us + within_us, events_max=EVENTS_MAX
        )

    def run(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.world.run_until(self.world.now_us + int(seconds * SECOND_US), events_max=EVENTS_MAX)

    def run_to(self, wanted: type[Any], *, within_us: int = 60 * SECOND_US, **fields: Any) -> Any:
        """Run to the next event of that type with these fields."""
        found: list[Any] = []
        end = self.trace.watch(wanted, partial(_note, found, fields))
        ended = self.world.run_while(lambda: not found, until_us=self.world.now_us + within_us, events_max=EVENTS_MAX)
        end()
        assert ended, f"no {wanted.__name__} with {fields} within {within_us} us"
        return found[0]

    def events(self, wanted: type[Any], **fields: Any) -> list[Any]:
        """Every event of that type with these fields so far."""
        return [event for event in self.trace if type(event) is wanted and _matches(event, fields)]


def _note(found: list[Any], fields: dict[str, Any], event: Any) -> None:
    if _matches(event, fields):
        found.append(event)


def _matches(event: Any, fields: dict[str, Any]) -> bool:
    return all(getattr(event, name) == value for name, value in fields.items())
