"""Who exceeds a quota is answered at once, told how long to wait, and not read for so long (KIP-219, Kafka's RequestHandlerHelper).

A client that does not wait finds nobody who reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from producer.wire.api import ApiKey
from sim.cluster.quotas.broker_quotas import percentage
from sim.trace.events import ClientThrottled
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.security.principal import Principal

_Message = TypeVar("_Message", bound=tuple[Any, ...])

PRODUCE, FETCH, REQUEST, CONTROLLER_MUTATION = "produce", "fetch", "request", "controller mutation"
"""Quotas, as Kafka's metrics and the trace name them."""

_THROTTLE_TIME = "throttle_time_ms"


class Measured(Protocol):
    """A request, as far as quotas go."""

    api: int
    correlation_id: int
    client_id: str | None
    busy_us: int
    """What a thread of the broker worked on it."""
    is_measured: bool
    """Whether that was counted, or is not to be: acks=0, followers, brokers among themselves."""

    @property
    def client(self) -> str: ...

    @property
    def connection(self) -> int: ...

    @property
    def principal(self) -> Principal: ...

    def hold_back(self, lasts_us: int) -> None: ...


def time_throttle_ms(broker: ServingBroker, request: Measured) -> int:
    """Count the time that was spent on a request, once, and give what is to wait for it; 0 where no such quota is exceeded."""
    quota = broker.quotas.request
    if request.is_measured or not quota.is_enabled:
        return 0
    request.is_measured = True
    return quota.record(request.principal.name, request.client_id or "", percentage(request.busy_us), broker.now_ms)


def throttle(broker: ServingBroker, request: Measured, quota: str, throttle_ms: int) -> None:
    """Read nothing more of a client for so long, if it is any time at all; `quota` is the one that it exceeded most."""
    if throttle_ms <= 0:
        return
    lasts_us = throttle_ms * MILLISECOND_US
    request.hold_back(lasts_us)
    broker.trace.emit(
        ClientThrottled(
            broker.world.now_us,
            broker.broker_id,
            ApiKey(request.api).title,
            request.client,
            request.connection,
            request.correlation_id,
            request.client_id or "",
            request.principal.name,
            quota,
            lasts_us,
        )
    )


def throttled(
    broker: ServingBroker, request: Measured, message: _Message, *, quota: str = CONTROLLER_MUTATION
) -> _Message:
    """Tell a client in its answer how long it has to wait, and let it wait: for its time, or for what the answer says already.

    `quota` is the reason of the latter.
    """
    told_ms: int = getattr(message, _THROTTLE_TIME, 0)
    if request.is_measured:
        return message
    spent_ms = time_throttle_ms(broker, request)
    throttle(broker, request, quota if told_ms > spent_ms else REQUEST, max(told_ms, spent_ms))
    if spent_ms <= told_ms or not hasattr(message, _THROTTLE_TIME):
        return message
    fields: Any = message
    replaced: _Message = fields._replace(throttle_time_ms=spent_ms)
    return replaced
