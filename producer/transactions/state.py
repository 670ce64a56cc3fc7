"""The states of a producer's transactions, in one table (`TransactionManager.State` and its `isTransitionValid`).

Java's table says from where a state may be reached; this one says by what. What is not in it is our own bug: what the
application must not do is found out before (`Transactions`), and no broker's word is an input where it has no place.
"""

from __future__ import annotations

from producer.transitions import Symbol


class TransactionState(Symbol):
    UNINITIALIZED = "uninitialized"
    INITIALIZING = "initializing"
    """An id, or its next epoch, is asked for."""
    READY = "ready"
    """Between two transactions."""
    IN_TRANSACTION = "in transaction"
    PREPARED_TRANSACTION = "prepared transaction"
    """Flushed; somebody else decides how it ends (KIP-939)."""
    COMMITTING_TRANSACTION = "committing transaction"
    ABORTING_TRANSACTION = "aborting transaction"
    ABORTABLE_ERROR = "abortable error"
    """It can only be aborted."""
    FATAL_ERROR = "fatal error"
    """The producer is of no more use."""


class TransactionInput(Symbol):
    INITIALIZE = "initialize"
    IDENTIFIED = "identified"
    """The coordinator gave an id and an epoch."""
    RECOVERED = "recovered"
    """It gave them, and kept a prepared transaction open (KIP-939)."""
    DENIED = "denied"
    """It gave none, for a missing right."""
    BEGIN = "begin"
    PREPARE = "prepare"
    COMMIT = "commit"
    ABORT = "abort"
    ENDED = "ended"
    ENDED_STALE = "ended stale"
    """It ended, and the next one needs another epoch, which must be asked for (KIP-360)."""
    FAIL = "fail"
    """Something in it came to nothing, and it can be aborted."""
    FAIL_FOR_GOOD = "fail for good"


_S, _I = TransactionState, TransactionInput

TRANSITIONS: dict[tuple[TransactionState, TransactionInput], TransactionState] = {
    (_S.UNINITIALIZED, _I.INITIALIZE): _S.INITIALIZING,
    (_S.INITIALIZING, _I.IDENTIFIED): _S.READY,
    (_S.INITIALIZING, _I.RECOVERED): _S.PREPARED_TRANSACTION,
    (_S.INITIALIZING, _I.DENIED): _S.UNINITIALIZED,
    (_S.READY, _I.BEGIN): _S.IN_TRANSACTION,
    (_S.IN_TRANSACTION, _I.PREPARE): _S.PREPARED_TRANSACTION,
    (_S.IN_TRANSACTION, _I.COMMIT): _S.COMMITTING_TRANSACTION,
    (_S.PREPARED_TRANSACTION, _I.COMMIT): _S.COMMITTING_TRANSACTION,
    (_S.IN_TRANSACTION, _I.ABORT): _S.ABORTING_TRANSACTION,
    (_S.PREPARED_TRANSACTION, _I.ABORT): _S.ABORTING_TRANSACTION,
    (_S.ABORTABLE_ERROR, _I.ABORT): _S.ABORTING_TRANSACTION,
    (_S.COMMITTING_TRANSACTION, _I.ENDED): _S.READY,
    (_S.ABORTING_TRANSACTION, _I.ENDED): _S.READY,
    (_S.COMMITTING_TRANSACTION, _I.ENDED_STALE): _S.INITIALIZING,
    (_S.ABORTING_TRANSACTION, _I.ENDED_STALE): _S.INITIALIZING,
    (_S.INITIALIZING, _I.FAIL): _S.ABORTABLE_ERROR,
    (_S.IN_TRANSACTION, _I.FAIL): _S.ABORTABLE_ERROR,
    (_S.COMMITTING_TRANSACTION, _I.FAIL): _S.ABORTABLE_ERROR,
    (_S.ABORTABLE_ERROR, _I.FAIL): _S.ABORTABLE_ERROR,
    # It is being aborted already.
    (_S.ABORTING_TRANSACTION, _I.FAIL): _S.ABORTING_TRANSACTION,
    **{(state, _I.FAIL_FOR_GOOD): _S.FATAL_ERROR for state in TransactionState},
}
