"""InitProducerId 0 to 5, for idempotent producers: a fresh id out of the broker's block, at epoch 0.

As TransactionCoordinator.handleInitProducerId does without a transactional id: an identity that the request names is
ignored (it is for transactions, KIP-360), and COORDINATOR_LOAD_IN_PROGRESS is the answer while a block is on its way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.codec import encode
from producer.wire.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse

if TYPE_CHECKING:
    from sim.cluster.broker.connection import Request
    from sim.cluster.broker.serving import ServingBroker


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    wanted = request.decode(InitProducerIdRequest)
    answer = _answer(broker, request, wanted)
    request.answer(encode(answer, request.version))


def _answer(broker: ServingBroker, request: Request, wanted: InitProducerIdRequest) -> InitProducerIdResponse:
    if broker.tampering:
        error = broker.tampering.error_instead(ApiKey.INIT_PRODUCER_ID, request.client, None)
        if error is not None:
            return InitProducerIdResponse(error_code=error, producer_epoch=-1)
    if wanted.transactional_id is not None:
        # There is no transaction coordinator here yet.
        return InitProducerIdResponse(error_code=Code.INVALID_REQUEST, producer_epoch=-1)
    producer_id = broker.producer_ids.take()
    if producer_id is None:
        return InitProducerIdResponse(error_code=Code.COORDINATOR_LOAD_IN_PROGRESS, producer_epoch=-1)
    return InitProducerIdResponse(producer_id=producer_id, producer_epoch=0)
