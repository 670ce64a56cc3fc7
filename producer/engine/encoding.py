"""What a batch looks like on the wire, and the Produce request that carries some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.engine.batch import Batch, BatchInput, BatchState
from producer.wire.messages import produce
from producer.wire.record_batch import BATCH_OVERHEAD, encode_columns

if TYPE_CHECKING:
    from producer.client.cluster_view import ClusterView
    from producer.engine.compression_ratio import CompressionRatios
    from producer.engine.settings import SendSettings


def encode(batch: Batch, settings: SendSettings, ratios: CompressionRatios | None) -> None:
    """Seal a batch and encode it, unless it has its bytes; `ratios` learns from it what compression leaves."""
    if batch.state is BatchState.OPEN:
        batch.feed(BatchInput.SEAL)
    if batch.encoded is not None:
        return
    batch.encoded = encode_columns(
        batch.keys,
        batch.values,
        batch.timestamps_ms,
        batch.headers,
        codec=settings.codec,
        level=settings.codec_level,
        producer_id=batch.identity.producer_id,
        producer_epoch=batch.identity.producer_epoch,
        base_sequence=batch.base_sequence,
        is_transactional=settings.transactional_id is not None,
    )
    if ratios is not None:
        raw_bytes = batch.size_bytes - BATCH_OVERHEAD
        ratios.observed(batch.partition.topic, (len(batch.encoded) - BATCH_OVERHEAD) / raw_bytes)


def request_of(batches: list[Batch], settings: SendSettings, view: ClusterView) -> produce.ProduceRequest:
    """Give the request that carries these batches, which are encoded, topic by topic."""
    topics: dict[str, list[produce.ProducePartition]] = {}
    for batch in batches:
        one = produce.ProducePartition(batch.partition.partition, batch.encoded)
        topics.setdefault(batch.partition.topic, []).append(one)
    return produce.ProduceRequest(
        transactional_id=settings.transactional_id,
        acks=settings.acks,
        timeout_ms=settings.request_timeout_us // 1_000,
        topic_data=tuple(
            produce.ProduceTopic(name, view.topics[name].topic_id, tuple(partitions))
            for name, partitions in topics.items()
        ),
    )
