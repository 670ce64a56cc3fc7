"""One Fetch answer on its way through: each client reads what it may read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.gateway.core.batches import changed
from sim.gateway.core.enforcement import UnavailableError

if TYPE_CHECKING:
    from producer.wire.messages.fetch import FetchPartitionResponse, FetchResponse
    from producer.wire.record_batch import BatchRecord
    from sim.gateway.core.enforcement import Client, Enforcement

UNAVAILABLE = Code.KAFKA_STORAGE_ERROR
"""While nothing can be decided: consumers ask again, which they do not behind an error that they do not expect from Fetch."""


def readable(client: Client, answer: FetchResponse, enforcement: Enforcement) -> FetchResponse:
    """Give the answer as this client may have it."""
    return answer._replace(
        responses=tuple(
            topic._replace(
                partitions=tuple(_partition(client, topic.topic, one, enforcement) for one in topic.partitions)
            )
            for topic in answer.responses
        )
    )


def _partition(
    client: Client, topic: str, part: FetchPartitionResponse, enforcement: Enforcement
) -> FetchPartitionResponse:
    if not part.records:
        return part

    def change(records: tuple[BatchRecord, ...]) -> tuple[BatchRecord, ...]:
        return enforcement.fetched(client, topic, records)

    try:
        return part._replace(records=changed(part.records, change))
    except UnavailableError:
        return part._replace(error_code=UNAVAILABLE, records=b"")
