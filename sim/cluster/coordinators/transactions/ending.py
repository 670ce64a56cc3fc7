"""The end of a transaction: by its producer, or against it, when its time is over or another producer takes the id.

Kafka: TransactionCoordinator.endTransaction and endTransactionWithTV1. The end is decided when its record is on the whole ISR;
the markers follow behind the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.coordinators.shard import NO_PRODUCER_ID, CoordinatorError, Identity, Outcome
from sim.cluster.coordinators.transactions.metadata import (
    EPOCH_BUMP_SINCE,
    LAST_EPOCH,
    NO_EPOCH,
    TransactionMetadata,
    completed,
    fenced,
    prepared,
)
from sim.cluster.coordinators.transactions.states import COMPLETE, PREPARED, TransactionState

if TYPE_CHECKING:
    from sim.cluster.coordinators.transactions.shard import TransactionShard
    from sim.cluster.coordinators.transactions.transactional_id import TransactionalId

_S = TransactionState

_SAME_END: Mapping[tuple[TransactionState, bool], Code] = {
    (_S.PREPARE_COMMIT, True): Code.CONCURRENT_TRANSACTIONS,
    (_S.PREPARE_ABORT, False): Code.CONCURRENT_TRANSACTIONS,
    (_S.COMPLETE_COMMIT, True): Code.NONE,
    (_S.COMPLETE_ABORT, False): Code.NONE,
}
"""What a producer is told that ends a transaction again as it ended; whoever wants the other end is told INVALID_TXN_STATE."""


def end(
    shard: TransactionShard, transactional_id: str, identity: Identity, *, is_commit: bool, client_version: int
) -> Outcome:
    """End a transaction. The answer is with whom the producer goes on. Raises CoordinatorError for who, or what, may not."""
    known = shard.get(transactional_id)
    if client_version >= EPOCH_BUMP_SINCE:
        return _end_with_next_epoch(shard, known, identity, is_commit=is_commit)
    known.check_producer_id(identity.producer_id)
    metadata = known.metadata
    if metadata.is_kept or identity.producer_epoch != metadata.producer_epoch:
        # What was kept ends with the next epoch alone, so this is an older producer's.
        raise CoordinatorError(Code.PRODUCER_FENCED)
    known.check_not_pending()
    if metadata.state is _S.ONGOING:
        return _prepare(shard, known, is_commit=is_commit, client_version=client_version)
    return _told_again(metadata, is_commit=is_commit)


def _end_with_next_epoch(
    shard: TransactionShard, known: TransactionalId, identity: Identity, *, is_commit: bool
) -> Outcome:
    """End a transaction that has an epoch of its own: by its epoch a request that is made again is told from the next one's."""
    # Asked first: what is on its way may be the next producer id, under which this one goes on.
    known.check_not_pending()
    metadata = known.metadata
    has_rotated = _has_rotated(metadata, identity)
    if not has_rotated:
        known.check_producer_id(identity.producer_id)
    owner_epoch = metadata.owner.producer_epoch
    is_again = has_rotated or owner_epoch == identity.producer_epoch + 1
    is_current = owner_epoch == identity.producer_epoch
    if metadata.state in PREPARED:
        is_valid = is_again
    elif metadata.state in COMPLETE:
        is_valid = is_again or is_current
    else:
        is_valid = is_current
    if not is_valid:
        raise CoordinatorError(Code.PRODUCER_FENCED)
    if metadata.state is _S.ONGOING or (not is_commit and metadata.state not in PREPARED and not is_again):
        # Nothing was added, and an abort is taken all the same: the producer may not know that.
        return _prepare(shard, known, is_commit=is_commit, client_version=EPOCH_BUMP_SINCE)
    if metadata.state in COMPLETE and not is_again:
        raise CoordinatorError(Code.INVALID_TXN_STATE)
    return _told_again(metadata, is_commit=is_commit)


def _has_rotated(metadata: TransactionMetadata, identity: Identity) -> bool:
    """Whether this is the producer whose epochs ran out with the transaction that it ends, again."""
    return identity == Identity(metadata.previous_producer_id, LAST_EPOCH) and metadata.owner.producer_epoch == 0


def _told_again(metadata: TransactionMetadata, *, is_commit: bool) -> Outcome:
    code = _SAME_END.get((metadata.state, is_commit), Code.INVALID_TXN_STATE)
    if code is not Code.NONE:
        raise CoordinatorError(code)
    return Outcome(metadata.owner, is_immediate=True)


def _prepare(shard: TransactionShard, known: TransactionalId, *, is_commit: bool, client_version: int) -> Outcome:
    has_next_id = client_version >= EPOCH_BUMP_SINCE and known.metadata.is_exhausted
    following = prepared(
        known.metadata,
        is_commit=is_commit,
        client_version=client_version,
        next_producer_id=shard.take_producer_id() if has_next_id else NO_PRODUCER_ID,
        now_ms=shard.now_ms,
    )
    # With whom the producer goes on once the markers are written; it is told at once (KIP-890).
    return shard.change(
        known,
        following,
        answer=completed(following, shard.now_ms).owner,
        done=partial(_decided, shard, known),
    )


def _decided(shard: TransactionShard, known: TransactionalId, code: Code) -> None:
    if code is Code.NONE:
        shard.write_markers(known)


def fence(shard: TransactionShard, known: TransactionalId, reason: str) -> Outcome:
    """Abort a transaction against its producer, which is shut out by the next epoch. The answer is None."""
    known.check_not_pending()
    metadata = known.metadata
    if not known.has_failed_fence:
        # Tried again every second while it cannot be written, it is still the same one.
        shard.tell_fenced(known, reason)
    shut_out = fenced(metadata, has_failed_before=known.has_failed_fence)
    version = shard.transaction_version
    if version >= EPOCH_BUMP_SINCE:
        # To prepare the end raises the epoch by itself.
        shut_out = shut_out._replace(producer_epoch=metadata.producer_epoch)
    else:
        version = 0
        shut_out = shut_out._replace(last_epoch=NO_EPOCH)
        # At once, whatever becomes of the record: nobody was ever told that epoch.
        known.metadata = metadata._replace(producer_epoch=shut_out.producer_epoch, last_epoch=NO_EPOCH)
    # Who had a kept transaction goes on behind it as well, until whoever is asking now has its own.
    has_next_id = metadata.is_kept and metadata.is_exhausted
    following = prepared(
        shut_out,
        is_commit=False,
        client_version=version,
        next_producer_id=shard.take_producer_id() if has_next_id else NO_PRODUCER_ID,
        now_ms=shard.now_ms,
    )
    return shard.change(known, following, done=partial(_fenced, shard, known))


def _fenced(shard: TransactionShard, known: TransactionalId, code: Code) -> None:
    if code is Code.NONE:
        shard.write_markers(known)
    else:
        known.has_failed_fence = True
