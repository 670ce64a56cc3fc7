"""ListTransactions: the transactional ids that a broker coordinates (KIP-664)."""

from typing import Annotated, NamedTuple

from producer.wire.schema import Int16, Int32, Int64, String, since


class ListTransactionsRequest(NamedTuple):
    """List those that pass all filters; an empty filter passes all."""

    state_filters: tuple[String, ...] = ()
    producer_id_filters: tuple[Int64, ...] = ()
    duration_filter: Annotated[Int64, since(1)] = -1
    """In milliseconds: those that have run longer; -1 for all."""
    transactional_id_pattern: Annotated[String | None, since(2)] = None
    """A regular expression of RE2J."""


class TransactionState(NamedTuple):
    """One transactional id."""

    transactional_id: String = ""
    producer_id: Int64 = 0
    transaction_state: String = ""


class ListTransactionsResponse(NamedTuple):
    """The transactional ids."""

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    unknown_state_filters: tuple[String, ...] = ()
    """States that were asked for and that the broker does not know."""
    transaction_states: tuple[TransactionState, ...] = ()
