"""ListTransactions 0 to 2: the transactional ids that this broker coordinates, filtered (KIP-664, KIP-994, KIP-1152)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.list_transactions import ListTransactionsRequest, ListTransactionsResponse
from sim.cluster.broker.handlers.transactions import error_instead
from sim.cluster.coordinators.shard import CoordinatorError
from sim.cluster.security.acls.kinds import Operation, ResourceKind

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer, if everything is loaded."""
    wanted = request.decode(ListTransactionsRequest)
    error = error_instead(broker, request)
    if error is not None:
        request.respond(ListTransactionsResponse(error_code=error))
        return
    try:
        response = _visible(broker, request, broker.transactions.list_transactions(wanted))
    except CoordinatorError as refusal:
        response = ListTransactionsResponse(error_code=refusal.code)
    request.respond(response)


def _visible(broker: ServingBroker, request: Request, response: ListTransactionsResponse) -> ListTransactionsResponse:
    """Leave out those that may not be described."""
    states = response.transaction_states
    ids = [state.transactional_id for state in states]
    hidden = broker.rights.refused(request, Operation.DESCRIBE, ResourceKind.TRANSACTIONAL_ID, ids, is_told=False)
    return response._replace(transaction_states=tuple([one for one in states if one.transactional_id not in hidden]))
