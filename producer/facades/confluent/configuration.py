"""librdkafka's properties: read into Kafka's, with librdkafka's defaults wherever an application can see them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.config.config import canonical_name
from producer.config.profiles import with_profile
from producer.config.property_types import INT_MAX
from producer.drivers.clock import epoch_ms
from producer.errors import ConfigError
from producer.facades.pem import read_pem
from producer.facades.servers import read_servers

if TYPE_CHECKING:
    from producer.facades.confluent.message import OnDelivery

log = logging.getLogger(__name__)

DEFAULTS: dict[str, Any] = {
    "enable.idempotence": False,
    "delivery.timeout.ms": 300_000,
    "batch.size": 1_000_000,
    "max.request.size": 1_000_000,
    # A key's partition is what an application notices first.
    "partitioner.class": "consistent_random",
    "reconnect.backoff.ms": 100,
    "reconnect.backoff.max.ms": 10_000,
}
"""librdkafka's, by Kafka's names."""
IN_FLIGHT_DEFAULT = 1_000_000
"""max.in.flight, unless idempotence asks for five."""
TRUTHS = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}
"""How librdkafka reads a boolean; Kafka takes the long words alone."""

WITHOUT_EFFECT = {
    "api.version.fallback.ms": "versions are always negotiated",
    "api.version.request": "versions are always negotiated",
    "api.version.request.timeout.ms": "request.timeout.ms holds for it",
    "batch.num.messages": "batch.size alone bounds a batch",
    "broker.address.family": "every address is tried",
    "broker.address.ttl": "names are resolved for each connection",
    "broker.version.fallback": "versions are always negotiated",
    "debug": "Python's logging decides what is shown",
    "delivery.report.only.error": "a callback can look at the error",
    "enable.gapless.guarantee": "a gap starts a new epoch, as in the Java producer",
    "error_cb": "a message's own error says what went wrong",
    "log.connection.close": "Python's logging decides what is shown",
    "log.queue": "Python's logging decides what is shown",
    "log.thread.name": "Python's logging decides what is shown",
    "log_cb": "Python's logging decides what is shown",
    "log_level": "Python's logging decides what is shown",
    "logger": "Python's logging decides what is shown",
    "queue.buffering.backpressure.threshold": "full batches leave at once",
    "socket.keepalive.enable": "the system's default holds",
    "socket.nagle.disable": "Nagle's algorithm is always off",
    "socket.timeout.ms": "request.timeout.ms holds for every request",
    "statistics.interval.ms": "there are no librdkafka statistics",
    "stats_cb": "there are no librdkafka statistics",
    "sticky.partitioning.linger.ms": "a partition is left after batch.size bytes (KIP-794)",
    "throttle_cb": "throttling is obeyed, not reported",
    "topic.metadata.propagation.max.ms": "an unknown topic is waited for until message.timeout.ms",
    "topic.metadata.refresh.fast.interval.ms": "retry.backoff.ms holds for it",
    "topic.metadata.refresh.interval.ms": "metadata.max.age.ms holds for it",
    "topic.metadata.refresh.sparse": "only topics in use are asked for",
}
"""librdkafka's properties that are accepted, change nothing, and are logged with the reason."""


class Settings(NamedTuple):
    properties: dict[str, Any]
    messages_max: int
    bytes_max: int
    message_bytes_max: int
    timeout_us: int
    on_delivery: OnDelivery | None


def read_settings(given: dict[str, Any]) -> Settings:
    """Read librdkafka's properties. Raises ConfigError."""
    given |= dict(given.pop("default.topic.config", None) or {})
    on_delivery = given.pop("on_delivery", None)
    if on_delivery is not None and not callable(on_delivery):
        raise ConfigError("on_delivery requires a callable object")
    messages_max = _number(given, "queue.buffering.max.messages", 100_000) or INT_MAX
    bytes_max = _number(given, "queue.buffering.max.kbytes", 1_048_576) << 10
    level = given.pop("compression.level", None)
    _secure(given)
    named: dict[str, Any] = {}
    for name, value in given.items():
        if name in WITHOUT_EFFECT:
            log.warning("property %s has no effect here: %s", name, WITHOUT_EFFECT[name])
        else:
            named[canonical_name(name)] = value
    properties = DEFAULTS | with_profile(named)
    properties["bootstrap.servers"] = read_servers(properties.get("bootstrap.servers", "localhost"))
    if level is not None and int(level) >= 0 and properties.get("compression.type") in ("gzip", "lz4", "zstd"):
        properties[f"compression.{properties['compression.type']}.level"] = level
    is_idempotent = str(properties["enable.idempotence"]).strip().lower()
    properties["enable.idempotence"] = TRUTHS.get(is_idempotent, is_idempotent)
    if properties["enable.idempotence"] is False:
        properties.setdefault("max.in.flight.requests.per.connection", IN_FLIGHT_DEFAULT)
    timeout_ms = _fit_timeouts(properties)
    # The engine counts whole batches, of which every partition has one open.
    properties.setdefault("buffer.memory", max(bytes_max, 64 * int(properties["batch.size"])))
    return Settings(
        properties,
        messages_max,
        bytes_max,
        int(properties["max.request.size"]),
        timeout_ms * 1_000,
        on_delivery,
    )


def _secure(given: dict[str, Any]) -> None:
    """Say librdkafka's properties for certificates and tokens in Kafka's words. Raises ConfigError."""
    for theirs, name in (
        ("ssl.certificate.location", "ssl.keystore.certificate.chain"),
        ("ssl.key.location", "ssl.keystore.key"),
    ):
        if theirs in given:
            given[name] = read_pem(theirs, given.pop(theirs))
    callback = given.pop("oauth_cb", None)
    told = given.pop("sasl.oauthbearer.config", "")
    if callback is not None:

        def token() -> tuple[str, float, dict[str, str]]:
            text, expires_s, *more = callback(told)
            # A principal may stand between.
            return text, expires_s - epoch_ms() / 1_000, more[1] if len(more) > 1 else {}

        given["sasl.oauthbearer.token.callback"] = token


def _fit_timeouts(properties: dict[str, Any]) -> int:
    """Let the time for a message bound the time for a request: librdkafka accepts any pair, Kafka's rule does not."""
    timeout_ms = int(properties["delivery.timeout.ms"]) or INT_MAX
    linger_ms = -int(-float(properties.get("linger.ms", 5)) // 1)
    request_ms = int(properties.get("request.timeout.ms", 30_000))
    linger_ms = min(linger_ms, timeout_ms - 1)
    properties["delivery.timeout.ms"] = timeout_ms
    properties["linger.ms"] = linger_ms
    properties["request.timeout.ms"] = min(request_ms, timeout_ms - linger_ms)
    return timeout_ms


def _number(given: dict[str, Any], name: str, default: int) -> int:
    value = given.pop(name, default)
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{name} is {value!r}, must be a number") from error
