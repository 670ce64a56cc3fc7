"""What is told about transactional ids to who administers them: DescribeTransactions and ListTransactions (KIP-664, KIP-1152)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages import describe_transactions, list_transactions
from sim.cluster.coordinators.groups.consumer.regular_expressions import check_regular_expression, matching
from sim.cluster.coordinators.transactions.states import TransactionState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.cluster.coordinators.transactions.transactional_id import TransactionalId

_BY_NAME: Mapping[str, TransactionState] = {state.value: state for state in TransactionState}


def describe(transactional_id: str, known: TransactionalId | None) -> describe_transactions.TransactionState:
    """Describe one id; TRANSACTIONAL_ID_NOT_FOUND for none."""
    if known is None or known.metadata.state is TransactionState.DEAD:
        return refused(transactional_id, Code.TRANSACTIONAL_ID_NOT_FOUND)
    metadata = known.metadata
    by_topic: dict[str, list[int]] = {}
    for tp in metadata.partitions:
        by_topic.setdefault(tp.topic, []).append(tp.partition)
    return describe_transactions.TransactionState(
        Code.NONE,
        transactional_id,
        metadata.state.value,
        metadata.timeout_ms,
        metadata.start_ms,
        metadata.producer_id,
        metadata.producer_epoch,
        tuple([describe_transactions.TopicData(topic, tuple(numbers)) for topic, numbers in by_topic.items()]),
    )


def refused(transactional_id: str, code: Code) -> describe_transactions.TransactionState:
    """Say why one id is not described."""
    return describe_transactions.TransactionState(code, transactional_id)


def listed(
    ids: Iterable[TransactionalId], wanted: list_transactions.ListTransactionsRequest, now_ms: int
) -> list_transactions.ListTransactionsResponse:
    """List those that pass all filters. Raises CoordinatorError for a pattern that is none."""
    pattern = wanted.transactional_id_pattern
    if pattern:
        check_regular_expression(pattern)
    states = [_BY_NAME[name] for name in wanted.state_filters if name in _BY_NAME]
    unknown = tuple([name for name in wanted.state_filters if name not in _BY_NAME])
    told = []
    for known in ids:
        if pattern and not matching(pattern, (known.name,)):
            continue
        metadata = known.metadata
        is_wanted = (
            metadata.state is not TransactionState.DEAD
            and (not wanted.producer_id_filters or metadata.producer_id in wanted.producer_id_filters)
            and (not wanted.state_filters or metadata.state in states)
            and (wanted.duration_filter < 0 or now_ms - metadata.start_ms > wanted.duration_filter)
        )
        if is_wanted:
            told.append(list_transactions.TransactionState(known.name, metadata.producer_id, metadata.state.value))
    return list_transactions.ListTransactionsResponse(unknown_state_filters=unknown, transaction_states=tuple(told))
