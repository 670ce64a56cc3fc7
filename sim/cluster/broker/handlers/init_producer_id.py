"""InitProducerId 0 to 5: a fresh id out of the broker's block, or the identity of a transactional id from its coordinator.

As TransactionCoordinator.handleInitProducerId: without a transactional id an identity that the request names is ignored (it is
for transactions, KIP-360), and COORDINATOR_LOAD_IN_PROGRESS is the answer while a block is on its way.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from sim.cluster.broker.handlers.transactions import error_instead, told_to
from sim.cluster.coordinators.shard import NO_PRODUCER_ID, Identity
from sim.cluster.coordinators.transactions.metadata import NO_EPOCH

if TYPE_CHECKING:
    from sim.cluster.broker.connection import Request
    from sim.cluster.broker.serving import ServingBroker

_FENCED_SINCE = 4


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer; with a transactional id when its coordinator has."""
    wanted = request.decode(InitProducerIdRequest)
    given = Identity(wanted.producer_id, wanted.producer_epoch)
    error = error_instead(broker, request)
    if error is None and (given.producer_id == NO_PRODUCER_ID) != (given.producer_epoch == NO_EPOCH):
        error = Code.INVALID_REQUEST
    if error is not None:
        _refuse(request, error)
    elif wanted.transactional_id is None:
        _answer_idempotent(broker, request)
    else:
        broker.transactions.initialize(
            wanted.transactional_id,
            wanted.transaction_timeout_ms,
            None if given.producer_id == NO_PRODUCER_ID else given,
            partial(request.work, _answer, request),
            partial(request.work, _refuse, request),
        )


def _answer_idempotent(broker: ServingBroker, request: Request) -> None:
    producer_id = broker.producer_ids.take()
    if producer_id is None:
        _refuse(request, Code.COORDINATOR_LOAD_IN_PROGRESS)
    else:
        _answer(request, Identity(producer_id, 0))


def _answer(request: Request, identity: Identity) -> None:
    request.respond(InitProducerIdResponse(producer_id=identity.producer_id, producer_epoch=identity.producer_epoch))


def _refuse(request: Request, code: Code) -> None:
    code = told_to(request, code, fenced_since=_FENCED_SINCE)
    request.respond(InitProducerIdResponse(error_code=code, producer_epoch=NO_EPOCH))
