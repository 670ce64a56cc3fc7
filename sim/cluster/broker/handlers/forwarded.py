"""The handler's side of what the controller decides: the request goes there, and its answer to the client."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from producer.wire.api import ApiKey
from sim.cluster.broker.throttling import throttled
from sim.cluster.envelope import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker


def forward(
    broker: ServingBroker,
    request: Request,
    wanted: Any,
    refused: Callable[[Any, Refusal], Any],
    *,
    made_whole: Callable[[Any], Any] | None = None,
) -> None:
    """Answer a client with what the controller says; `refused` writes a refusal of the whole request down, as the API has it.

    `made_whole` puts to the controller's answer what was decided here.
    """
    tampering = broker.tampering
    error = tampering.error_instead(ApiKey(request.api), request.client, None) if tampering else None
    answered = partial(_answered, broker, request, wanted, refused, made_whole)
    if error is not None:
        answered(Refusal(error))
    else:
        broker.forwarding.ask(
            request.api,
            request.version,
            wanted,
            partial(request.work, answered),
            principal=request.principal,
            client=request.client,
            client_id=request.client_id or "",
        )


def _answered(
    broker: ServingBroker,
    request: Request,
    wanted: Any,
    refused: Callable[[Any, Refusal], Any],
    made_whole: Callable[[Any], Any] | None,
    answer: Any,
) -> None:
    if isinstance(answer, Exception):
        # The controller's bug is told where a client met it.
        raise answer
    message = refused(wanted, answer) if isinstance(answer, Refusal) else answer
    if made_whole is not None:
        message = made_whole(message)
    if getattr(message, "throttle_time_ms", 0):
        # The controller reads no client: it says how long, and the broker waits (sendForwardedResponse).
        message = throttled(broker, request, message)
    request.respond(message)
