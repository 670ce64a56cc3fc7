"""Transactional producers whose first batch in a partition waits for word from their coordinator that it belongs to a transaction.

Kafka: VerificationStateEntry, VerificationGuard (KIP-890). A guard is given out when the question is asked and must be the same when
the batch is appended: a marker that was written in between took it away.
"""

from __future__ import annotations

from typing import NamedTuple

from sim.cluster.transaction_questions import NO_GUARD


class Verification(NamedTuple):
    """What is known of one producer that is being verified."""

    guard: int
    began_ms: int
    lowest_sequence: int
    """No higher one goes into the log before it: its batch was here first, and comes again."""
    epoch: int
    is_epoch_per_transaction: bool
    """Whether its client has an epoch for each transaction (transaction.version 2), and so begins each with sequence 0."""


class Verifications:
    """Those of one partition's leader. They are in memory only: who leads next asks anew."""

    __slots__ = ("_by_producer", "_guards")

    def __init__(self) -> None:
        self._by_producer: dict[int, Verification] = {}
        self._guards = NO_GUARD

    def __bool__(self) -> bool:
        return bool(self._by_producer)

    def begin(
        self, producer_id: int, sequence: int, epoch: int, *, now_ms: int, is_epoch_per_transaction: bool
    ) -> Verification:
        """Give the producer's guard, the one before if there is one."""
        known = self._by_producer.get(producer_id)
        if known is None:
            self._guards += 1
            known = Verification(self._guards, now_ms, sequence, epoch, is_epoch_per_transaction)
        elif epoch > known.epoch or (epoch == known.epoch and sequence < known.lowest_sequence):
            known = known._replace(lowest_sequence=sequence, epoch=epoch)
        self._by_producer[producer_id] = known
        return known

    def get(self, producer_id: int) -> Verification | None:
        """Give what is known of a producer that is being verified."""
        return self._by_producer.get(producer_id)

    def is_verified(self, producer_id: int, guard: int) -> bool:
        """Whether that guard is the producer's."""
        known = self._by_producer.get(producer_id)
        return known is not None and known.guard == guard

    def end(self, producer_id: int) -> None:
        """Its batch, or a marker, is in the log."""
        self._by_producer.pop(producer_id, None)

    def expire(self, *, now_ms: int, expiration_ms: int) -> None:
        """Forget those that never came to anything."""
        for producer_id, one in tuple(self._by_producer.items()):
            if now_ms - one.began_ms >= expiration_ms:
                del self._by_producer[producer_id]
