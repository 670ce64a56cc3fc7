"""A partitioner of the application's own: what it must be able to do, and how it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from producer.errors import PartitionerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from producer.records import Record


class Partitions(Protocol):
    """The partitions of a record's topic, as far as the producer has heard of them."""

    @property
    def count(self) -> int:
        """How many there are; they are numbered from 0."""
        ...

    @property
    def available(self) -> Sequence[int]:
        """Those that have a leader, in ascending order; empty while none has one."""
        ...


class Partitioner(Protocol):
    """Chooses a partition for each record that was sent without one (`org.apache.kafka.clients.producer.Partitioner`).

    Derive from this class, or write one with both methods, and give it as `partitioner.class`.
    """

    def partition(self, record: Record, partitions: Partitions) -> int | None:
        """Choose one of 0 .. `partitions.count` - 1; asked exactly once for each record, also if that has to wait for room.

        None leaves the choice to the producer, which sticks to a partition for a batch (KIP-794). Called on the sending
        thread while the producer is locked: do not block, and do not call the producer.
        """
        ...

    def close(self) -> None:
        """The producer is closed; nothing is asked any more. Does nothing, unless overridden."""
        return


def partition_chosen_by(partitioner: Partitioner, record: Record, partitions: Partitions) -> int | None:
    """Give what a partitioner chooses. Raises PartitionerError if it raises, or chooses what is no partition."""
    try:
        chosen: object = partitioner.partition(record, partitions)
    except Exception as error:
        msg = f"partitioner {name_of(partitioner)} raised {type(error).__name__} for a record of {record.topic!r}: {error}"
        raise PartitionerError(msg) from error
    if chosen is None:
        return None
    if not isinstance(chosen, int) or isinstance(chosen, bool) or not 0 <= chosen < partitions.count:
        msg = (
            f"partitioner {name_of(partitioner)} chose {chosen!r} for a record of {record.topic!r}, "
            f"must be one of 0..{partitions.count - 1} or None"
        )
        raise PartitionerError(msg)
    return chosen


def close_partitioner(partitioner: Partitioner) -> None:
    """Close a partitioner. Raises PartitionerError if it raises."""
    try:
        partitioner.close()
    except Exception as error:
        msg = f"partitioner {name_of(partitioner)} raised {type(error).__name__} in close: {error}"
        raise PartitionerError(msg) from error


def name_of(partitioner: object) -> str:
    """Give the name of a partitioner's class, or of the class itself, as `module:Class`."""
    kind = partitioner if isinstance(partitioner, type) else type(partitioner)
    return f"{kind.__module__}:{kind.__qualname__}"
