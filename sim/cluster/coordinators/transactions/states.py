"""The states of a transactional id, and what brings it from one to the next (Kafka's TransactionState).

A state is entered when its record is on the whole ISR. Until then it is pending, and nothing else may begin.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import auto

from producer.transitions import Symbol


class TransactionState(Symbol):
    """By the names that DescribeTransactions tells."""

    EMPTY = "Empty"
    """An identity was given, and no transaction begun under it."""
    ONGOING = "Ongoing"
    PREPARE_COMMIT = "PrepareCommit"
    """Decided: the markers are being written, and nothing changes that any more."""
    PREPARE_ABORT = "PrepareAbort"
    COMPLETE_COMMIT = "CompleteCommit"
    """Every partition has its marker."""
    COMPLETE_ABORT = "CompleteAbort"
    DEAD = "Dead"
    """Unused for too long: the id is about to be forgotten."""
    PREPARE_EPOCH_FENCE = "PrepareEpochFence"
    """Who wrote is about to be shut out by a higher epoch. Never written: PREPARE_ABORT is, in the same breath."""

    @property
    def number(self) -> int:
        """As records have it."""
        return _NUMBERS[self]


_NUMBERS: Mapping[TransactionState, int] = {state: number for number, state in enumerate(TransactionState)}
_BY_NUMBER: Mapping[int, TransactionState] = {number: state for state, number in _NUMBERS.items()}


def state_of_number(number: int) -> TransactionState:
    """Give the state that a record names. Raises ValueError."""
    state = _BY_NUMBER.get(number)
    if state is None:
        msg = f"transaction state {number}, known are 0-{len(_BY_NUMBER) - 1}"
        raise ValueError(msg)
    return state


class TransactionInput(Symbol):
    """What happens to a transactional id."""

    INITIALIZE = auto()
    """A producer is given an identity, or a higher epoch of its own."""
    ADD_PARTITIONS = auto()
    PREPARE_COMMIT = auto()
    PREPARE_ABORT = auto()
    COMPLETE = auto()
    """The last marker is written."""
    FENCE = auto()
    """Its time is over, or another producer takes the id."""
    KEEP = auto()
    """Another producer takes the id, and leaves the transaction open: somebody else decides how it ends (KIP-939)."""
    EXPIRE = auto()


_S, _I = TransactionState, TransactionInput

TRANSITIONS: Mapping[tuple[TransactionState, TransactionInput], TransactionState] = {
    (_S.EMPTY, _I.INITIALIZE): _S.EMPTY,
    (_S.EMPTY, _I.ADD_PARTITIONS): _S.ONGOING,
    # A producer that does not know whether anything of its transaction arrived aborts it all the same (KIP-890).
    (_S.EMPTY, _I.PREPARE_ABORT): _S.PREPARE_ABORT,
    (_S.EMPTY, _I.EXPIRE): _S.DEAD,
    (_S.ONGOING, _I.ADD_PARTITIONS): _S.ONGOING,
    (_S.ONGOING, _I.PREPARE_COMMIT): _S.PREPARE_COMMIT,
    (_S.ONGOING, _I.PREPARE_ABORT): _S.PREPARE_ABORT,
    (_S.ONGOING, _I.FENCE): _S.PREPARE_EPOCH_FENCE,
    (_S.ONGOING, _I.KEEP): _S.ONGOING,
    (_S.PREPARE_EPOCH_FENCE, _I.PREPARE_ABORT): _S.PREPARE_ABORT,
    (_S.PREPARE_COMMIT, _I.COMPLETE): _S.COMPLETE_COMMIT,
    (_S.PREPARE_ABORT, _I.COMPLETE): _S.COMPLETE_ABORT,
    (_S.COMPLETE_COMMIT, _I.INITIALIZE): _S.EMPTY,
    (_S.COMPLETE_COMMIT, _I.ADD_PARTITIONS): _S.ONGOING,
    (_S.COMPLETE_COMMIT, _I.PREPARE_ABORT): _S.PREPARE_ABORT,
    (_S.COMPLETE_COMMIT, _I.EXPIRE): _S.DEAD,
    (_S.COMPLETE_ABORT, _I.INITIALIZE): _S.EMPTY,
    (_S.COMPLETE_ABORT, _I.ADD_PARTITIONS): _S.ONGOING,
    (_S.COMPLETE_ABORT, _I.PREPARE_ABORT): _S.PREPARE_ABORT,
    (_S.COMPLETE_ABORT, _I.EXPIRE): _S.DEAD,
}
"""TransactionState.validPreviousStates, the other way round. DEAD is left by a tombstone.

What a two-phase commit calls prepared is ONGOING here: a coordinator hears of no prepare, only of no time-out (KIP-939).
"""

PREPARED = frozenset({TransactionState.PREPARE_COMMIT, TransactionState.PREPARE_ABORT})
COMPLETE = frozenset({TransactionState.COMPLETE_COMMIT, TransactionState.COMPLETE_ABORT})
MAY_EXPIRE = frozenset({state for (state, given) in TRANSITIONS if given is TransactionInput.EXPIRE})
