"""Whatever bytes a client sends, the world goes on, no broker fails, and who behaves is served."""

import contextlib
import struct
from random import Random
from typing import Any, NamedTuple

import crc32c
import pytest

from producer.errors import Code, UsageError
from producer.wire import api
from producer.wire.api import SUPPORTED, ApiKey
from producer.wire.codec import encode
from producer.wire.messages import (
    fetch,
    find_coordinator,
    init_producer_id,
    join_group,
    leave_group,
    list_offsets,
    metadata,
    offset_commit,
    produce,
    sync_group,
)
from producer.wire.record_batch import encode_batch
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import BatchAppended, HandlerFailed, TopicCreated
from tests.unit.sim.raw_client import APIS, Lab, RawConnection

SEEDS = range(12)
USUAL = (*APIS, ApiKey.PRODUCE, ApiKey.PRODUCE, ApiKey.PRODUCE)
REQUESTS = 1_000

EXTREMES = (0, 1, -1, -2, -3, 2, 127, 128, 255, 2**15 - 1, -(2**15), 2**31 - 1, -(2**31), 2**63 - 1, -(2**63))
NAMES = ("", ".", "..", "x" * 250, "a b", "nope", "__consumer_offsets")

# Where the header of a record batch holds what (KIP-98); the checksum is over all from the attributes on.
BATCH_FIELDS = {
    "baseOffset": (0, ">q"),
    "batchLength": (8, ">i"),
    "partitionLeaderEpoch": (12, ">i"),
    "magic": (16, ">b"),
    "attributes": (21, ">h"),
    "lastOffsetDelta": (23, ">i"),
    "baseTimestamp": (27, ">q"),
    "maxTimestamp": (35, ">q"),
    "producerId": (43, ">q"),
    "producerEpoch": (51, ">h"),
    "baseSequence": (53, ">i"),
    "recordsCount": (57, ">i"),
}
CHECKSUM_AT, CHECKED_FROM = 17, 21


class Hostile(NamedTuple):
    """Draws requests: most of them nearly right, so that they get far."""

    chance: Random
    orders_id: bytes

    def often(self, usual: Any, *others: Any) -> Any:
        return usual if self.chance.random() < 0.8 else self.chance.choice(others)

    def number(self, bits: int = 32) -> int:
        return self.chance.choice([one for one in EXTREMES if -(1 << bits - 1) <= one < 1 << bits - 1])

    def partition(self) -> int:
        return self.often(0, 1, self.number()) if self.chance.random() < 0.9 else self.number()

    def several(self, draw: Any) -> tuple[Any, ...]:
        return tuple(draw() for _ in range(self.often(1, 0, 2, 3)))

    def name(self) -> str:
        drawn: str = self.often("orders", *NAMES)
        return drawn

    def group(self) -> str:
        return self.often("shop", *NAMES)  # type: ignore[no-any-return]

    def topic_id(self) -> bytes:
        drawn: bytes = self.often(self.orders_id, bytes(16), b"x" * 16)
        return drawn

    def batch(self) -> bytes:
        producer_id, epoch, sequence = self.often((-1, -1, -1), (7, 0, 0), (7, 0, 1), (7, 1, 0), (8, 0, 2**31 - 1))
        records = [(self.often(None, b"k"), b"v", (), 1_000) for _ in range(self.often(1, 2, 3))]
        batch = bytearray(encode_batch(records, producer_id=producer_id, producer_epoch=epoch, base_sequence=sequence))
        for _ in range(self.chance.choice((0, 0, 1, 2))):
            offset, form = self.chance.choice(list(BATCH_FIELDS.values()))
            struct.pack_into(form, batch, offset, self.number(8 * struct.calcsize(form)))
        if self.chance.random() < 0.2:
            batch[self.chance.randrange(61, len(batch))] = self.chance.getrandbits(8)
        if self.chance.random() < 0.9:
            struct.pack_into(">I", batch, CHECKSUM_AT, crc32c.crc32c(bytes(batch[CHECKED_FROM:])))
        return bytes(batch)

    def produced(self) -> produce.ProducePartition:
        records = self.batch()
        return produce.ProducePartition(self.partition(), self.often(records, None, b"", records + records))

    def fetched(self) -> fetch.FetchPartition:
        return fetch.FetchPartition(
            self.partition(),
            fetch_offset=self.number(64),
            current_leader_epoch=self.often(-1, self.number()),
            last_fetched_epoch=self.often(-1, self.number()),
            partition_max_bytes=self.number(),
        )

    def value(self, key: ApiKey) -> Any:
        """A request that can be encoded, whatever it asks for."""
        match key:
            case ApiKey.PRODUCE:
                acks = self.chance.choice((-1, -1, 1, 1, 0, 2))
                topics = self.several(
                    lambda: produce.ProduceTopic(self.name(), self.topic_id(), self.several(self.produced))
                )
                return produce.ProduceRequest(self.often(None, "t"), acks, self.often(1_000, self.number()), topics)
            case ApiKey.FETCH:
                return fetch.FetchRequest(
                    max_wait_ms=self.often(50, self.number()),
                    min_bytes=self.number(),
                    max_bytes=self.number(),
                    topics=self.several(
                        lambda: fetch.FetchTopic(self.name(), self.topic_id(), self.several(self.fetched))
                    ),
                )
            case ApiKey.LIST_OFFSETS:
                return list_offsets.ListOffsetsRequest(
                    topics=self.several(
                        lambda: list_offsets.ListOffsetsTopic(
                            self.name(),
                            self.several(
                                lambda: list_offsets.ListOffsetsPartition(
                                    self.partition(), self.often(-1, self.number()), self.number(64)
                                )
                            ),
                        )
                    )
                )
            case ApiKey.METADATA:
                topics = self.often(self.several(lambda: metadata.MetadataRequestTopic(name=self.name())), None, ())
                return metadata.MetadataRequest(topics=topics, allow_auto_topic_creation=self.chance.random() < 0.5)
            case ApiKey.INIT_PRODUCER_ID:
                return init_producer_id.InitProducerIdRequest(
                    self.often(None, "t"), self.number(), self.number(64), self.number(16)
                )
            case ApiKey.JOIN_GROUP:
                return join_group.JoinGroupRequest(
                    self.group(), self.often(10_000, self.number()), self.number(), self.often("", self.name()),
                    self.often(None, "i"), "consumer", self.several(lambda: join_group.JoinGroupRequestProtocol("p", b"m")),
                )  # fmt: skip
            case ApiKey.SYNC_GROUP:
                return sync_group.SyncGroupRequest(
                    self.group(), self.often(1, self.number()), self.name(), self.often(None, "i"), "consumer", "p"
                )
            case ApiKey.LEAVE_GROUP:
                return leave_group.LeaveGroupRequest(
                    self.group(),
                    members=self.several(lambda: leave_group.MemberIdentity(self.name(), self.often(None, "i"))),
                )
            case ApiKey.OFFSET_COMMIT:
                return offset_commit.OffsetCommitRequest(
                    self.group(),
                    self.often(-1, self.number()),
                    topics=self.several(
                        lambda: offset_commit.OffsetCommitRequestTopic(
                            self.name(),
                            self.topic_id(),
                            self.several(
                                lambda: offset_commit.OffsetCommitRequestPartition(self.partition(), self.number(64))
                            ),
                        )
                    ),
                )
            case ApiKey.FIND_COORDINATOR:
                return find_coordinator.FindCoordinatorRequest(
                    self.group(), self.often(0, 1, 2, self.number(8)), self.several(self.group)
                )
            case _:
                # As it is by default: which bytes of it are others is drawn as well.
                return key.message("request")()

    def body(self, key: ApiKey, version: int) -> bytes:
        """What the version can say; of some values it cannot, as of Metadata without auto-creation before version 4."""
        while True:
            with contextlib.suppress(UsageError):
                return encode(self.value(key), version)

    def frame(self, apis: tuple[ApiKey, ...] = USUAL) -> bytes:
        """A request as it should be, or one with bytes overwritten, cut out and put in; now and then mere noise."""
        chance = self.chance
        if chance.random() < 0.05:
            return chance.randbytes(chance.randint(1, 60))
        key = self.chance.choice(apis)
        version = chance.randint(*SUPPORTED[key])
        body = bytearray(self.body(key, version))
        for _ in range(self.often(0, 1, 2, 3)):
            place = chance.randint(0, len(body))
            body[place : place + chance.randint(0, 8)] = chance.randbytes(chance.choice((0, 1, 2, 4, 8)))
        told = self.often(int(key), int(key), 4, 99, -1), self.often(version, 0, 14, -1, 2**15 - 1)
        return api.encode_request(*told, self.number(), self.often("raw", None, ""), bytes(body))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_bytes_end_the_world_or_fail_a_broker(seed: int) -> None:
    lab = Lab(TopicConfig("orders", partitions=2), is_served=True, auto_create_topics=True)
    chance = Random(seed)
    hostile = Hostile(chance, lab.cluster.controller.metadata.topics["orders"].topic_id)
    connections: dict[int, RawConnection] = {}

    for _ in range(REQUESTS):
        broker = chance.choice((1, 1, 2, 3))
        # Records of null leave a connection stuck for good, as with Kafka: now and then a client gives one up.
        if broker not in connections or not connections[broker].is_open or chance.random() < 0.1:
            connections[broker] = lab.client.connect(broker)
            connections[broker].endpoint.on_received = lambda _: None
        connections[broker].endpoint.send(hostile.frame())
        lab.run(chance.choice((0, 0, 0.01, 0.01, 0.5)))
    lab.run(2)

    assert lab.events(HandlerFailed) == []
    assert len(lab.events(BatchAppended)) > 3
    assert lab.client.produce(b"well behaved").error_code == Code.NONE
    assert lab.settle()


@pytest.mark.parametrize("name", ["", ".", "..", "x" * 250, "a b", "é", "a/b"])
def test_a_name_that_no_topic_can_have_is_refused_and_never_created(name: str) -> None:
    for does_create in (False, True):
        lab = Lab(auto_create_topics=does_create)

        answer = lab.client.connect(1).call(
            ApiKey.METADATA, metadata.MetadataRequest(topics=metadata.named(name, "orders"))
        )
        lab.run(1)

        assert [(topic.error_code, topic.name) for topic in answer.topics] == [
            (Code.INVALID_TOPIC_EXCEPTION, name),
            (Code.NONE, "orders"),
        ]
        assert [event.topic for event in lab.events(TopicCreated)] == ["orders"]


@pytest.mark.parametrize("name", ["x" * 249, "a.b_c-D9", "...", "_"])
def test_a_name_at_the_edge_of_what_may_be_is_created(name: str) -> None:
    lab = Lab(auto_create_topics=True)

    answer = lab.client.connect(1).call(ApiKey.METADATA, metadata.MetadataRequest(topics=metadata.named(name)))
    lab.run(1)

    assert answer.topics[0].error_code == Code.UNKNOWN_TOPIC_OR_PARTITION
    assert [event.topic for event in lab.events(TopicCreated)] == ["orders", name]


def test_a_topic_that_cannot_be_placed_is_not_created_and_nobody_falls() -> None:
    lab = Lab(
        auto_create_topics=True, auto_created_topic=TopicConfig("auto-created", replication_factor=4), is_served=True
    )

    connection = lab.client.connect(1)
    for _ in range(2):
        answer = connection.call(ApiKey.METADATA, metadata.MetadataRequest(topics=metadata.named("wanted")))
        lab.run(1)

        assert answer.topics[0].error_code == Code.UNKNOWN_TOPIC_OR_PARTITION
    assert lab.settle()
