"""librdkafka's properties, as what they mean here: Kafka's, with librdkafka's defaults wherever an application can see them."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.config.config import PROPERTIES
from producer.config.profiles import with_profile
from producer.config.property_types import INT_MAX, Verbatim
from producer.config.serialization import OF_REGISTRIES
from producer.drivers.clock import epoch_ms
from producer.facades.confluent.cross_checks import TRANSACTION_TIMEOUT_MS, cross_check, refuse
from producer.facades.confluent.meanings import (
    CALLBACKS,
    DEFAULTS,
    IN_FLIGHT_DEFAULT,
    INSTEAD,
    LEVELS,
    MEANINGS,
    NO_EFFECT,
    OWN,
    WITHOUT_EFFECT,
)
from producer.facades.confluent.properties import WORDS
from producer.facades.confluent.servers import servers_of
from producer.facades.confluent.values import Value, invalid, known, read, text_of
from producer.facades.pem import read_pem
from producer.wire.record_batch import BATCH_OVERHEAD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from producer.facades.confluent.message import OnDelivery

log = logging.getLogger(__name__)

SERIALIZATION = OF_REGISTRIES | {"key.serializer", "value.serializer"}
"""Kafka's, which this client's Producer does not know: its messages are bytes or text."""


class Settings(NamedTuple):
    """What the properties come to."""

    properties: dict[str, Any]
    """Kafka's, for the producer beneath."""
    messages_max: int
    bytes_max: int
    message_bytes_max: int
    timeout_us: int
    on_delivery: OnDelivery | None
    reports_only_errors: bool


class _Given:
    """What was given: librdkafka's properties, read; and the others that are Kafka's or ours."""

    __slots__ = ("callbacks", "ours", "theirs")

    def __init__(self, given: Mapping[Any, Any]) -> None:
        self.theirs: dict[str, Value] = {}
        """By librdkafka's first name."""
        self.ours: dict[str, Any] = {}
        self.callbacks: dict[str, Any] = {}
        if "debug" in given:
            # Before all others, and None is text to it.
            read("debug", _written("debug", given["debug"], "debug"))
        for key, value in given.items():
            self._take(_written("a property's name", key, "name") or "", value)

    def _take(self, name: str, value: Any) -> None:
        if name in CALLBACKS:
            if not callable(value):
                raise CALLBACKS[name](f"expected {name} property as a callable function")
            self.callbacks[name] = value
        elif name == "on_delivery":
            if not callable(value):
                raise invalid("on_delivery requires a callable object")
            self.callbacks[name] = value
        elif name == "delivery.report.only.error":
            if not isinstance(value, bool):
                raise TypeError(f"Expected {name} to be bool type, not {type(value).__name__}")
            self.theirs[name] = value
        elif name != "logger":
            first = known(name)
            if first is not None:
                told = read(first, None if value is None else _written(name, value, "value"))
                if told is None and first in WORDS:
                    # Blanks alone leave a word what it was.
                    self.theirs.setdefault(first, None)
                else:
                    self.theirs[first] = told
            elif name in INSTEAD:
                raise invalid(f"{name} is Java's: {INSTEAD[name]}")
            elif name in PROPERTIES and name not in SERIALIZATION:
                self.ours[name] = value
            else:
                raise invalid(f'No such configuration property: "{name.removeprefix("topic.")}"')

    def has(self, name: str) -> bool:
        """Whether something was given that is not the default's own word for itself."""
        return self.theirs.get(name) is not None


def _written(name: str, given: Any, what: str) -> str | None:
    try:
        return text_of(given, what)
    except UnicodeEncodeError as error:
        # Half a character is no text to C. Which one is not shown: it may stand in a password.
        raise invalid(f"{name} cannot be written as UTF-8: {error.reason}") from error


def read_settings(config: Mapping[Any, Any]) -> Settings:
    """Read librdkafka's properties. Raises KafkaException; TypeError and ValueError as confluent-kafka does; ConfigError."""
    given = _Given(_with_topic_config(config))
    cross_check(given.theirs)
    refuse(given.theirs)
    theirs = given.theirs
    named: dict[str, Any] = {}
    for name, value in theirs.items():
        if name in MEANINGS:
            if value is not None:
                # It was read, and what blanks are left belong to it.
                named[MEANINGS[name]] = Verbatim(value) if isinstance(value, str) else value
        elif name not in OWN:
            log.warning("property %s has no effect here: %s", name, WITHOUT_EFFECT.get(name, NO_EFFECT))
    for name in sorted(given.callbacks.keys() & WITHOUT_EFFECT.keys()):
        log.warning("property %s has no effect here: %s", name, WITHOUT_EFFECT[name])
    _adapt(named, given)
    if named.get("transactional.id") is not None:
        named["enable.idempotence"] = True
        # A message that outlived its transaction would be of no use.
        named.setdefault("delivery.timeout.ms", named.get("transaction.timeout.ms", TRANSACTION_TIMEOUT_MS))
    properties = DEFAULTS | with_profile(named | given.ours)
    properties["bootstrap.servers"] = servers_of(_text(theirs, "metadata.broker.list"), _protocol(theirs))
    _set_level(properties, theirs.get("compression.level"))
    if properties["enable.idempotence"] is False:
        properties.setdefault("max.in.flight.requests.per.connection", IN_FLIGHT_DEFAULT)
    timeout_ms = _fit_timeouts(properties)
    messages_max = theirs.get("queue.buffering.max.messages", 100_000) or INT_MAX
    bytes_max = int(theirs.get("queue.buffering.max.kbytes") or 1_048_576) << 10
    # The engine counts whole batches, of which every partition has one open.
    properties.setdefault("buffer.memory", max(bytes_max, 64 * int(properties["batch.size"])))
    message_bytes_max = int(properties["max.request.size"])
    # librdkafka weighs a message without its batch.
    properties["max.request.size"] = message_bytes_max + BATCH_OVERHEAD
    return Settings(
        properties,
        int(messages_max),
        bytes_max,
        message_bytes_max,
        timeout_ms * 1_000,
        given.callbacks.get("on_delivery"),
        theirs.get("delivery.report.only.error") is True,
    )


def _with_topic_config(config: Mapping[Any, Any]) -> dict[Any, Any]:
    given = dict(config)
    if "default.topic.config" in given:
        of_topics: Any = given["default.topic.config"]
        # A mapping, or else the AttributeError of something that has no keys.
        names: Any = of_topics.keys()
        given |= {name: of_topics[name] for name in names}
        del given["default.topic.config"]
    return given


# -- what is said in other words here ----------------------------------------------------------------------------------


def _adapt(named: dict[str, Any], given: _Given) -> None:
    """Say in Kafka's words what librdkafka says in others, and leave out what the protocol has no use for."""
    theirs = given.theirs
    codec_of_topics = _text(theirs, "topic.compression.codec")
    if codec_of_topics not in {None, "inherit"}:
        named["compression.type"] = codec_of_topics
    for name in ("send.buffer.bytes", "receive.buffer.bytes"):
        if named.get(name) == 0:
            named[name] = -1
    if named.get("connections.max.idle.ms") == 0:
        named["connections.max.idle.ms"] = -1
    suites = named.get("ssl.cipher.suites")
    if isinstance(suites, str):
        named["ssl.cipher.suites"] = [suite for suite in suites.split(":") if suite]
    protocol, mechanism = _protocol(theirs), _text(theirs, "sasl.mechanisms")
    if "ssl" in protocol:
        for location, name in (
            ("ssl.certificate.location", "ssl.keystore.certificate.chain"),
            ("ssl.key.location", "ssl.keystore.key"),
        ):
            if given.has(location):
                named[name] = read_pem(location, _text(theirs, location) or "")
    if "sasl" in protocol and mechanism == "OAUTHBEARER" and "oauth_cb" in given.callbacks:
        named["sasl.oauthbearer.token.callback"] = _token_from(
            given.callbacks["oauth_cb"], _text(theirs, "sasl.oauthbearer.config")
        )
    for name in list(named):
        is_of_tls, is_of_sasl = name.startswith("ssl."), name.startswith("sasl.")
        is_login = name in {"sasl.username", "sasl.password"} and mechanism == "OAUTHBEARER"
        if (is_of_tls and "ssl" not in protocol) or (is_of_sasl and "sasl" not in protocol) or is_login:
            del named[name]
            log.warning("property %s has no effect with security.protocol=%s", name, protocol)


def _token_from(callback: Callable[[str], Any], told: str | None) -> Callable[[], tuple[str, float, dict[str, str]]]:
    def token() -> tuple[str, float, dict[str, str]]:
        text, expires_s, *more = callback(told or "")
        # A principal may stand between.
        return text, expires_s - epoch_ms() / 1_000, more[1] if len(more) > 1 else {}

    return token


def _set_level(properties: dict[str, Any], level: Value) -> None:
    """Bring the level into the codec's range, as librdkafka does."""
    codec = properties.get("compression.type")
    if isinstance(level, int) and level >= 0 and codec in LEVELS:
        least, most = LEVELS[codec]
        properties[f"compression.{codec}.level"] = min(max(level, least), most)


def _fit_timeouts(properties: dict[str, Any]) -> int:
    """Let the time for a message bound the time for a request: librdkafka accepts any pair, Kafka's rule does not."""
    timeout_ms = int(properties["delivery.timeout.ms"]) or INT_MAX
    linger_ms = math.ceil(float(properties.get("linger.ms", 5)))
    request_ms = int(properties.get("request.timeout.ms", 30_000))
    linger_ms = min(linger_ms, timeout_ms - 1)
    properties["delivery.timeout.ms"] = timeout_ms
    properties["linger.ms"] = linger_ms
    properties["request.timeout.ms"] = min(request_ms, timeout_ms - linger_ms)
    return timeout_ms


def _protocol(theirs: dict[str, Value]) -> str:
    return _text(theirs, "security.protocol") or "plaintext"


def _text(theirs: dict[str, Value], name: str) -> str | None:
    value = theirs.get(name)
    return value if isinstance(value, str) else None
