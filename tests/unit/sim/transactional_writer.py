"""Transactional batches and markers as bytes, and what a partition tells who reads it, whole or only what is committed."""

from __future__ import annotations

from typing import Any, NamedTuple

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages import fetch
from producer.wire.messages.describe_producers import DescribeProducersRequest, TopicRequest
from producer.wire.messages.list_offsets import LATEST, ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic
from producer.wire.messages.produce import ProducePartition, ProducePartitionResponse, ProduceRequest, ProduceTopic
from producer.wire.messages.write_txn_markers import (
    WritableTxnMarker,
    WritableTxnMarkerTopic,
    WriteTxnMarkersRequest,
)
from producer.wire.record_batch import encode_batch, split_batches
from tests.unit.sim.raw_client import ORDERS, Lab, RawConnection, part_of
from tests.unit.sim.transaction_client import TRANSACTION

COMMITTED = 1
"""isolation.level=read_committed."""
TWO = 2
"""The transaction.version in which each transaction has an epoch of its own."""


class Seen(NamedTuple):
    """What a Fetch from an offset on gives."""

    high_watermark: int
    last_stable_offset: int
    aborted: list[tuple[int, int]] | None
    """Producer id and first offset."""
    offsets: list[int]
    """Where each batch begins, markers included."""


def batch(
    pid: int,
    epoch: int,
    sequence: int,
    *,
    value: bytes = b"x",
    is_transactional: bool = True,
    timestamp_ms: int = 1_000,
) -> bytes:
    """A batch of one record."""
    return encode_batch(
        [(None, value, (), timestamp_ms)],
        producer_id=pid,
        producer_epoch=epoch,
        base_sequence=sequence,
        is_transactional=is_transactional,
    )


def send(
    line: RawConnection,
    records: bytes,
    *,
    name: str | None = TRANSACTION,
    version: int = 12,
    tp: TopicPartition = ORDERS,
    acks: int = -1,
) -> int:
    """Send a Produce of one batch; gives its correlation id."""
    topics = (ProduceTopic(tp.topic, partition_data=(ProducePartition(tp.partition, records),)),)
    return line.send(ApiKey.PRODUCE, ProduceRequest(name, acks, 30_000, topics), version)


def write(line: RawConnection, records: bytes, **how: Any) -> ProducePartitionResponse:
    """Send a Produce of one batch, and wait for its answer."""
    return part_of(line.wait(send(line, records, **how)))


def written(line: RawConnection, pid: int, epoch: int, sequence: int, **how: Any) -> Code:
    """Write one record of a transaction."""
    return Code(write(line, batch(pid, epoch, sequence), **how).error_code)


def marker(
    pid: int,
    epoch: int,
    *,
    is_commit: bool = True,
    coordinator_epoch: int = 0,
    version: int = TWO,
    tps: tuple[TopicPartition, ...] = (ORDERS,),
) -> WritableTxnMarker:
    """The end of a transaction in these partitions."""
    topics = tuple(WritableTxnMarkerTopic(tp.topic, (tp.partition,)) for tp in tps)
    return WritableTxnMarker(pid, epoch, is_commit, topics, coordinator_epoch, version)


def send_markers(line: RawConnection, *markers: WritableTxnMarker) -> int:
    """As a coordinator asks; gives the correlation id."""
    return line.send(ApiKey.WRITE_TXN_MARKERS, WriteTxnMarkersRequest(markers), 2)


def codes(answer: Any) -> list[Code]:
    """What became of each marker, in the order of the answer."""
    assert answer is not None, "no answer"
    return [Code(one.error_code) for told in answer.markers for topic in told.topics for one in topic.partitions]


def end(line: RawConnection, pid: int, epoch: int, **how: Any) -> Code:
    """Write the end of a transaction into `orders`, as a coordinator does."""
    (code,) = codes(line.wait(send_markers(line, marker(pid, epoch, **how))))
    return code


def fetched(lab: Lab, *, offset: int = 0, isolation: int = COMMITTED, broker: int | None = None) -> Seen:
    """Read `orders` once from an offset on."""
    partition = fetch.FetchPartition(0, fetch_offset=offset, partition_max_bytes=1 << 20)
    topics = (fetch.FetchTopic("orders", partitions=(partition,)),)
    wanted = fetch.FetchRequest(max_wait_ms=0, min_bytes=0, isolation_level=isolation, topics=topics)
    connection = lab.client.connect(lab.cluster.leader_of(ORDERS) if broker is None else broker)
    told = connection.call(ApiKey.FETCH, wanted, 12).responses[0].partitions[0]
    assert told.error_code == Code.NONE, Code(told.error_code)
    aborted = told.aborted_transactions
    return Seen(
        told.high_watermark,
        told.last_stable_offset,
        None if aborted is None else [(one.producer_id, one.first_offset) for one in aborted],
        [header.base_offset for header, _ in split_batches(told.records or b"")],
    )


def latest(lab: Lab, *, isolation: int = COMMITTED) -> int:
    """Where `orders` ends for who reads so."""
    topics = (ListOffsetsTopic("orders", (ListOffsetsPartition(0, -1, LATEST),)),)
    answer = lab.client.connect(lab.cluster.leader_of(ORDERS)).call(
        ApiKey.LIST_OFFSETS, ListOffsetsRequest(-1, isolation, topics), 7
    )
    offset: int = answer.topics[0].partitions[0].offset
    return offset


def producers(lab: Lab) -> list[tuple[int, int, int, int, int]]:
    """Id, epoch, last sequence, coordinator epoch and start of the open transaction of each producer of `orders`."""
    wanted = DescribeProducersRequest((TopicRequest("orders", (0,)),))
    answer = lab.client.connect(lab.cluster.leader_of(ORDERS)).call(ApiKey.DESCRIBE_PRODUCERS, wanted)
    return [
        (
            one.producer_id,
            one.producer_epoch,
            one.last_sequence,
            one.coordinator_epoch,
            one.current_txn_start_offset,
        )
        for one in answer.topics[0].partitions[0].active_producers
    ]
