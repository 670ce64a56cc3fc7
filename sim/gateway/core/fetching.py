"""One Fetch answer on its way through: each client reads what it may read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.gateway.core.batches import changed
from sim.gateway.core.enforcement import UnavailableError

if TYPE_CHECKING:
    from producer.wire.messages.fetch import FetchPartitionResponse, FetchResponse
    from producer.wire.record_batch import BatchRecord
    from sim.gateway.core.enforcement import Client, Enforcement, Steps

UNAVAILABLE = Code.KAFKA_STORAGE_ERROR
"""While nothing can be decided: consumers ask again, which they do not behind an error that they do not expect from Fetch."""


def readable(client: Client, answer: FetchResponse, enforcement: Enforcement) -> Steps[FetchResponse]:
    """Give the answer as this client may have it."""
    topics = []
    for topic in answer.responses:
        partitions: list[FetchPartitionResponse] = []
        for one in topic.partitions:
            part = yield from _partition(client, topic.topic, one, enforcement)
            partitions.append(part)
        topics.append(topic._replace(partitions=tuple(partitions)))
    return answer._replace(responses=tuple(topics))


def _partition(
    client: Client, topic: str, part: FetchPartitionResponse, enforcement: Enforcement
) -> Steps[FetchPartitionResponse]:
    if not part.records:
        return part

    def change(records: tuple[BatchRecord, ...]) -> Steps[tuple[BatchRecord, ...]]:
        return enforcement.fetched(client, topic, records)

    try:
        return part._replace(records=(yield from changed(part.records, change)))
    except UnavailableError:
        return part._replace(error_code=UNAVAILABLE, records=b"")
