"""InitProducerId 0 to 6: a fresh id out of the broker's block, or the identity of a transactional id from its coordinator.

As TransactionCoordinator.handleInitProducerId: without a transactional id an identity that the request names is ignored (it is
for transactions, KIP-360), and COORDINATOR_LOAD_IN_PROGRESS is the answer while a block is on its way. Version 6 is taken with
transaction.two.phase.commit.enable alone: ahead of Apache Kafka, which offers it to nobody unasked (KIP-939).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code, UnsupportedVersionError
from producer.wire.api import ApiKey
from producer.wire.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from sim.cluster.broker.handlers.transactions import error_instead, told_to
from sim.cluster.broker.versions import highest_offered
from sim.cluster.coordinators.shard import NO_PRODUCER_ID, Identity
from sim.cluster.coordinators.transactions.initializing import Given, Wish
from sim.cluster.coordinators.transactions.metadata import NO_EPOCH
from sim.cluster.security.acls.kinds import Operation, ResourceKind

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

_FENCED_SINCE = 4


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer; with a transactional id when its coordinator has. Raises UnsupportedVersionError for what is not offered."""
    if request.version > highest_offered(
        ApiKey.INIT_PRODUCER_ID, two_phase_commit=broker.config.transaction_two_phase_commit
    ):
        msg = f"INIT_PRODUCER_ID version {request.version}, which transaction.two.phase.commit.enable=false does not offer"
        raise UnsupportedVersionError(msg)
    wanted = request.decode(InitProducerIdRequest)
    given = Identity(wanted.producer_id, wanted.producer_epoch)
    error = error_instead(broker, request) or _unauthorized(broker, request, wanted)
    if error is None and (given.producer_id == NO_PRODUCER_ID) != (given.producer_epoch == NO_EPOCH):
        error = Code.INVALID_REQUEST
    if error is not None:
        _refuse(request, error)
    elif wanted.transactional_id is None:
        _answer_idempotent(broker, request)
    else:
        expected = None if given.producer_id == NO_PRODUCER_ID else given
        broker.transactions.initialize(
            wanted.transactional_id,
            Wish(wanted.transaction_timeout_ms, expected, wanted.keep_prepared_txn),
            partial(request.work, _answer, request),
            partial(request.work, _refuse, request),
            is_two_phase=wanted.enable_2pc,
        )


def _unauthorized(broker: ServingBroker, request: Request, wanted: InitProducerIdRequest) -> Code | None:
    """Say what is not allowed: to write by the transactional id, or else to write to any topic at all (KIP-679)."""
    rights, transactional_id = broker.rights, wanted.transactional_id
    if transactional_id is not None:
        needed = (Operation.WRITE, Operation.TWO_PHASE_COMMIT) if wanted.enable_2pc else (Operation.WRITE,)
        kind = ResourceKind.TRANSACTIONAL_ID
        is_allowed = all(rights.allows(request, operation, kind, transactional_id) for operation in needed)
        return None if is_allowed else Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
    is_allowed = rights.allows_on_cluster(request, Operation.IDEMPOTENT_WRITE, is_told=False) or rights.allows_some(
        request, Operation.WRITE, ResourceKind.TOPIC
    )
    return None if is_allowed else Code.CLUSTER_AUTHORIZATION_FAILED


def _answer_idempotent(broker: ServingBroker, request: Request) -> None:
    producer_id = broker.producer_ids.take()
    if producer_id is None:
        _refuse(request, Code.COORDINATOR_LOAD_IN_PROGRESS)
    else:
        _answer(request, Given(Identity(producer_id, 0)))


def _answer(request: Request, given: Given) -> None:
    (producer_id, producer_epoch), (ongoing_id, ongoing_epoch) = given
    request.respond(
        InitProducerIdResponse(
            producer_id=producer_id,
            producer_epoch=producer_epoch,
            ongoing_txn_producer_id=ongoing_id,
            ongoing_txn_producer_epoch=ongoing_epoch,
        )
    )


def _refuse(request: Request, code: Code) -> None:
    code = told_to(request, code, fenced_since=_FENCED_SINCE)
    request.respond(InitProducerIdResponse(error_code=code, producer_epoch=NO_EPOCH))
