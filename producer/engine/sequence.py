"""Sequences of one partition: which are given out, in flight, acknowledged, or of unknown fate (TxnPartitionEntry).

Kafka's rule (KIP-98): a broker appends a batch only if its first sequence follows the last one it has of that
producer id and epoch. So a gap must never be left open, and never be closed by guessing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.records import NO_IDENTITY, NO_SEQUENCE, ProducerIdentity

if TYPE_CHECKING:
    from producer.engine.batch import Batch

SEQUENCE_COUNT = 1 << 31
"""Sequences run from 0 to 2^31 - 1 and then start again (DefaultRecordBatch.incrementSequence)."""

NO_OFFSET = -1


def sequence_after(sequence: int, count: int) -> int:
    """Give the sequence `count` further on, wrapping as Kafka does."""
    return (sequence + count) % SEQUENCE_COUNT


def sequence_before(sequence: int, count: int) -> int:
    """Give the sequence from which `sequence` is `count` further on."""
    return (sequence - count) % SEQUENCE_COUNT


class PartitionSequences:
    """What the producer knows of its sequences in one partition."""

    __slots__ = ("identity", "in_flight", "last_acked_offset", "last_acked_sequence", "next_sequence", "place",
                 "unresolved_next")  # fmt: skip

    def __init__(self, place: int = 0) -> None:
        self.place = place
        """How many partitions were sent to before this one."""
        self.identity: ProducerIdentity = NO_IDENTITY
        self.next_sequence = 0
        self.last_acked_sequence = NO_SEQUENCE
        self.last_acked_offset = NO_OFFSET
        self.in_flight: list[Batch] = []
        """Batches that have a sequence and no verdict, in sequence order; those that wait for a retry included."""
        self.unresolved_next = NO_SEQUENCE
        """Set while a batch was given up that may yet be appended: the sequence that follows it. Nothing new leaves
        before that is settled."""

    @property
    def is_unresolved(self) -> bool:
        return self.unresolved_next != NO_SEQUENCE

    def leave_unresolved(self, batch: Batch) -> None:
        """Note that a batch was given up although it may be in the log, or get there (markSequenceUnresolved)."""
        following = sequence_after(batch.base_sequence, batch.record_count)
        if not self.is_unresolved or precedes(self.unresolved_next, following):
            self.unresolved_next = following

    def assign(self, batch: Batch, identity: ProducerIdentity) -> None:
        """Give the next sequences to a batch that leaves for the first time."""
        if identity != self.identity and not self.in_flight:
            # A new id or epoch is taken up once nothing of the old one is left in flight (maybeUpdateProducerIdAndEpoch).
            self.restart(identity)
        batch.identity = self.identity
        batch.base_sequence = self.next_sequence
        self.next_sequence = sequence_after(self.next_sequence, batch.record_count)
        self.in_flight.append(batch)

    def replace(self, large: Batch, parts: list[Batch]) -> None:
        """Let the parts of a batch that was split take its sequences, in order, and its place in flight."""
        sequence = large.base_sequence
        for part in parts:
            part.identity = large.identity
            part.base_sequence = sequence
            sequence = sequence_after(sequence, part.record_count)
        place = self.in_flight.index(large)
        self.in_flight[place : place + 1] = parts

    def acknowledged(self, batch: Batch, base_offset: int) -> None:
        """Note that a batch is in the log."""
        last = sequence_after(batch.base_sequence, batch.record_count - 1)
        is_first = self.last_acked_sequence == NO_SEQUENCE
        if batch.identity == self.identity and (is_first or precedes(self.last_acked_sequence, last)):
            self.last_acked_sequence = last
        if base_offset != NO_OFFSET:
            self.last_acked_offset = max(self.last_acked_offset, base_offset + batch.record_count - 1)
        self.forget(batch)

    def forget(self, batch: Batch) -> None:
        """Take a batch that has its verdict out of flight."""
        if batch in self.in_flight:
            self.in_flight.remove(batch)

    def is_next(self, sequence: int) -> bool:
        """Whether `sequence` is the one a broker expects, as far as acknowledgements tell."""
        if self.last_acked_sequence == NO_SEQUENCE:
            return sequence == 0
        return sequence == sequence_after(self.last_acked_sequence, 1)

    def awaits_verdict_before(self, sequence: int) -> bool:
        """Whether a batch that was numbered before this sequence has no verdict."""
        return bool(self.in_flight) and precedes(self.in_flight[0].base_sequence, sequence)

    def close_gap(self, failed: Batch) -> list[Batch]:
        """Let what was numbered behind a batch that is certainly not in the log follow what came before it; returns those.

        As it will not be in the log, nothing behind it is: a broker takes no batch out of order (adjustSequencesDueToFailedBatch).
        """
        if failed.identity != self.identity:
            return []
        self.next_sequence = sequence_before(self.next_sequence, failed.record_count)
        moved = [batch for batch in self.in_flight if precedes(failed.base_sequence, batch.base_sequence)]
        for batch in moved:
            batch.base_sequence = sequence_before(batch.base_sequence, failed.record_count)
            batch.is_resequenced = True
        return moved

    def restart(self, identity: ProducerIdentity) -> list[Batch]:
        """Begin at sequence 0 under `identity`; batches without a verdict are numbered anew, in order, and returned."""
        sequence = 0
        for batch in self.in_flight:
            batch.identity = identity
            batch.base_sequence = sequence
            batch.is_resequenced = True
            sequence = sequence_after(sequence, batch.record_count)
        self.identity = identity
        self.next_sequence = sequence
        self.last_acked_sequence = NO_SEQUENCE
        return list(self.in_flight)


def precedes(sequence: int, other: int) -> bool:
    """Whether `sequence` comes before `other`: half the circle lies ahead, so that order survives the wrap."""
    return 0 < (other - sequence) % SEQUENCE_COUNT < SEQUENCE_COUNT // 2
