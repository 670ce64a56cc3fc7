"""DescribeTransactions: what a coordinator knows of transactional ids (KIP-664)."""

from typing import NamedTuple

from producer.wire.schema import Int16, Int32, Int64, String


class DescribeTransactionsRequest(NamedTuple):
    """Describe these."""

    transactional_ids: tuple[String, ...] = ()


class TopicData(NamedTuple):
    """The partitions of one topic that are in the transaction."""

    topic: String = ""
    partitions: tuple[Int32, ...] = ()


class TransactionState(NamedTuple):
    """One transactional id."""

    error_code: Int16 = 0
    transactional_id: String = ""
    transaction_state: String = ""
    """Empty, Ongoing, PrepareCommit, PrepareAbort, CompleteCommit, CompleteAbort, Dead or PrepareEpochFence."""
    transaction_timeout_ms: Int32 = 0
    transaction_start_time_ms: Int64 = 0
    """-1 outside of a transaction."""
    producer_id: Int64 = 0
    producer_epoch: Int16 = 0
    topics: tuple[TopicData, ...] = ()


class DescribeTransactionsResponse(NamedTuple):
    """The transactional ids."""

    throttle_time_ms: Int32 = 0
    transaction_states: tuple[TransactionState, ...] = ()
