"""EndTxn 0 to 5: a transaction commits or aborts; since version 5 the answer says with whom the producer goes on (KIP-890)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.end_txn import EndTxnRequest, EndTxnResponse
from sim.cluster.broker.handlers.transactions import id_error, told_to
from sim.cluster.coordinators.shard import Identity
from sim.cluster.coordinators.transactions.metadata import EPOCH_BUMP_SINCE
from sim.cluster.security.acls.kinds import Operation

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

_FENCED_SINCE = 2
_NEXT_EPOCH_SINCE = 5


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer when the end is decided; the markers are written behind that."""
    wanted = request.decode(EndTxnRequest)
    error = id_error(broker, request, Operation.WRITE, wanted.transactional_id)
    if error is not None:
        _refuse(request, error)
        return
    broker.transactions.end(
        wanted.transactional_id,
        Identity(wanted.producer_id, wanted.producer_epoch),
        is_commit=wanted.committed,
        client_version=EPOCH_BUMP_SINCE if request.version >= _NEXT_EPOCH_SINCE else 0,
        answer=partial(request.work, _answer, request),
        refuse=partial(request.work, _refuse, request),
    )


def _answer(request: Request, identity: Identity) -> None:
    request.respond(EndTxnResponse(producer_id=identity.producer_id, producer_epoch=identity.producer_epoch))


def _refuse(request: Request, code: Code) -> None:
    request.respond(EndTxnResponse(error_code=told_to(request, code, fenced_since=_FENCED_SINCE)))
