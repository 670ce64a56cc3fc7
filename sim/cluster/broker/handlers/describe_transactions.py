"""DescribeTransactions 0: the state of transactional ids that this broker coordinates (KIP-664)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.describe_transactions import DescribeTransactionsRequest, DescribeTransactionsResponse
from sim.cluster.broker.handlers.transactions import error_instead
from sim.cluster.coordinators.transactions.describing import refused

if TYPE_CHECKING:
    from sim.cluster.broker.connection import Request
    from sim.cluster.broker.serving import ServingBroker


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer; each id has an error of its own."""
    wanted = request.decode(DescribeTransactionsRequest)
    error = error_instead(broker, request)
    states = tuple([
        broker.transactions.describe(name) if error is None else refused(name, error)
        for name in wanted.transactional_ids
    ])  # fmt: skip
    request.respond(DescribeTransactionsResponse(transaction_states=states))
