"""AlterUserScramCredentials 0: passed on to the controller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.alter_user_scram_credentials import (
    AlterUserScramCredentialsRequest,
    AlterUserScramCredentialsResponse,
    AlterUserScramCredentialsResult,
)
from sim.cluster.broker.handlers.forwarded import forward

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.envelope import Refusal


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer when the controller has."""
    forward(broker, request, request.decode(AlterUserScramCredentialsRequest), _refused)


def _refused(wanted: AlterUserScramCredentialsRequest, refusal: Refusal) -> AlterUserScramCredentialsResponse:
    users = sorted({one.name for one in wanted.deletions} | {one.name for one in wanted.upsertions})
    return AlterUserScramCredentialsResponse(
        results=tuple([AlterUserScramCredentialsResult(user, refusal.code, refusal.message) for user in users])
    )
