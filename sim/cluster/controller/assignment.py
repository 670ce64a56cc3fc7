"""Whether replicas that somebody assigned by hand can be (ReplicationControlManager.validateManualPartitionAssignment)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.envelope import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.cluster.controller.metadata_log import MetadataLog


def check_assignment(log: MetadataLog, replicas: Sequence[int], replication_factor: int | None) -> None:
    """Raise RefusedError unless these brokers are registered, each named once, and as many as those of other partitions."""
    if not replicas:
        raise _refused("it is empty")
    # In the order of the brokers' numbers, as Kafka does: it names the same one.
    for before, replica in zip([None, *sorted(replicas)], sorted(replicas), strict=False):
        if replica not in log.brokers:
            raise _refused(f"it includes broker {replica}, which is not registered")
        if replica == before:
            raise _refused(f"it includes broker {replica} more than once")
    if replication_factor is not None and len(replicas) != replication_factor:
        raise _refused(f"it has {len(replicas)} replicas, other partitions have {replication_factor}")


def _refused(why: str) -> RefusedError:
    return RefusedError(Code.INVALID_REPLICA_ASSIGNMENT, f"The manual partition assignment cannot be: {why}")
