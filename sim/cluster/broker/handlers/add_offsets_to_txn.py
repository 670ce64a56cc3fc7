"""AddOffsetsToTxn 0 to 4: a group's partition of `__consumer_offsets` belongs to the transaction."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.messages.add_offsets_to_txn import AddOffsetsToTxnRequest, AddOffsetsToTxnResponse
from sim.cluster.broker.handlers.transactions import id_error, told_to
from sim.cluster.coordinators.shard import Identity
from sim.cluster.coordinators.transactions.adding import Addition
from sim.cluster.internal_topics import CONSUMER_OFFSETS
from sim.cluster.security.acls.kinds import Operation, ResourceKind

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

_FENCED_SINCE = 2


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer when the partition is in the transaction."""
    wanted = request.decode(AddOffsetsToTxnRequest)
    error = id_error(broker, request, Operation.WRITE, wanted.transactional_id)
    if error is None and not broker.rights.allows(request, Operation.READ, ResourceKind.GROUP, wanted.group_id):
        error = Code.GROUP_AUTHORIZATION_FAILED
    if error is not None:
        _answer(request, error)
        return
    partition = TopicPartition(CONSUMER_OFFSETS, broker.groups.partition_of(wanted.group_id))
    addition = Addition(
        wanted.transactional_id, Identity(wanted.producer_id, wanted.producer_epoch), (partition,), client_version=0
    )
    broker.transactions.add(addition, partial(request.work, _answer, request))


def _answer(request: Request, code: Code) -> None:
    request.respond(AddOffsetsToTxnResponse(error_code=told_to(request, code, fenced_since=_FENCED_SINCE)))
