"""DescribeTransactions 0: the state of transactional ids that this broker coordinates (KIP-664)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.describe_transactions import DescribeTransactionsRequest, DescribeTransactionsResponse
from sim.cluster.broker.handlers.transactions import id_error
from sim.cluster.coordinators.transactions.describing import refused
from sim.cluster.security.acls.kinds import Operation, ResourceKind

if TYPE_CHECKING:
    from producer.wire.messages.describe_transactions import TransactionState
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer; each id has an error of its own."""
    wanted = request.decode(DescribeTransactionsRequest)
    states = [_described(broker, request, name) for name in wanted.transactional_ids]
    request.respond(DescribeTransactionsResponse(transaction_states=tuple(states)))


def _described(broker: ServingBroker, request: Request, name: str) -> TransactionState:
    error = id_error(broker, request, Operation.DESCRIBE, name)
    if error is not None:
        return refused(name, error)
    state = broker.transactions.describe(name)
    names = [topic.topic for topic in state.topics]
    hidden = broker.rights.refused(request, Operation.DESCRIBE, ResourceKind.TOPIC, names, is_told=False)
    return state._replace(topics=tuple([topic for topic in state.topics if topic.topic not in hidden]))
