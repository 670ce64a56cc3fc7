"""Which of librdkafka's properties exclude each other, in its order and words; and those that are refused here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from producer.config.property_types import INT_MAX
from producer.errors import ConfigError
from producer.facades.confluent.assignors import PROTOCOL_TYPE, STRATEGY, why_not
from producer.facades.confluent.errors import KafkaError, KafkaException
from producer.facades.confluent.meanings import DEFAULTS, MECHANISMS, REFUSED, REFUSED_WITH_TLS, REFUSED_WITH_TOKENS
from producer.facades.confluent.properties import OF_A_TOPIC, OF_A_TOPIC_ALONE
from producer.facades.confluent.values import cut

if TYPE_CHECKING:
    from collections.abc import Mapping

    from producer.facades.confluent.values import Value


TRANSACTION_TIMEOUT_MS = 60_000


def cross_check(theirs: Mapping[str, Value]) -> None:
    """Raise KafkaException for properties that contradict each other."""
    if theirs.get("ssl.keystore.location") is not None and theirs.get("ssl.keystore.password") is None:
        raise _failed("`ssl.keystore.password` is mandatory when `ssl.keystore.location` is set")
    _check_https(theirs)
    if theirs.get("transactional.id") is not None and theirs.get("enable.idempotence") is False:
        raise _failed("`transactional.id` requires `enable.idempotence=true`")
    socket_ms: Any = theirs.get("socket.timeout.ms")
    patience_ms: Any = theirs.get("transaction.timeout.ms") or TRANSACTION_TIMEOUT_MS
    if theirs.get("transactional.id") is not None and socket_ms is not None and patience_ms + 100 < socket_ms:
        raise _failed("`socket.timeout.ms` must be set <= `transaction.timeout.ms` + 100")
    if _is_idempotent(theirs):
        for name, values, rule in (
            ("max.in.flight.requests.per.connection", range(6), "`max.in.flight` must be set <= 5"),
            ("message.send.max.retries", range(1, INT_MAX + 1), "`retries` must be set >= 1"),
            (
                "queue.buffering.backpressure.threshold",
                (1,),
                "`queue.buffering.backpressure.threshold` must be set to 1",
            ),
        ):
            if name in theirs and theirs[name] not in values:
                raise _failed(f"{rule} when `enable.idempotence` is true")
    elif theirs.get("enable.gapless.guarantee"):
        raise _failed("`enable.gapless.guarantee` requires `enable.idempotence` to be enabled")
    first_ms, longest_ms = (
        theirs.get(name, DEFAULTS[name]) for name in ("reconnect.backoff.ms", "reconnect.backoff.max.ms")
    )
    if longest_ms < first_ms:
        raise _failed("`reconnect.backoff.max.ms` must be >= `reconnect.backoff.ms`")
    _check_topics(theirs)
    _check_assignors(theirs)
    mechanism = theirs.get("sasl.mechanisms")
    if "sasl" in str(theirs.get("security.protocol")) and mechanism not in (None, *MECHANISMS):
        raise _failed(f"Unsupported SASL mechanism: {mechanism}")


def _is_idempotent(theirs: Mapping[str, Value]) -> bool:
    return bool(theirs.get("enable.idempotence")) or theirs.get("transactional.id") is not None


def _check_https(theirs: Mapping[str, Value]) -> None:
    location = theirs.get("https.ca.location")
    if location is None:
        return
    if theirs.get("https.ca.pem") is not None:
        raise _failed("`https.ca.location` and `https.ca.pem` are mutually exclusive")
    # A Path with nothing in it is a directory, and one too long is an error.
    if location != "probe" and not os.path.exists(str(location)):  # noqa: PTH110
        raise _failed("`https.ca.location` must be an existing file or directory")


def _check_assignors(theirs: Mapping[str, Value]) -> None:
    strategy, protocol_type = theirs.get("partition.assignment.strategy"), theirs.get("group.protocol.type")
    why = why_not(
        STRATEGY if strategy is None else str(strategy), PROTOCOL_TYPE if protocol_type is None else str(protocol_type)
    )
    if why is not None:
        raise _failed(why)


def _check_topics(theirs: Mapping[str, Value]) -> None:
    is_of_topics = not (OF_A_TOPIC | OF_A_TOPIC_ALONE).isdisjoint(theirs)
    timeout_ms: Any = theirs.get("message.timeout.ms", DEFAULTS["delivery.timeout.ms"])
    linger_ms: Any = theirs.get("queue.buffering.max.ms", 0)
    if is_of_topics and timeout_ms != 0 and "queue.buffering.max.ms" in theirs and timeout_ms <= linger_ms:
        raise _failed("`message.timeout.ms` must be greater than `linger.ms`")
    if _is_idempotent(theirs):
        if theirs.get("request.required.acks", -1) != -1:
            raise _failed("`acks` must be set to `all` when `enable.idempotence` is true")
        if theirs.get("queuing.strategy") == "lifo":
            raise _failed("`queuing.strategy` must be set to `fifo` when `enable.idempotence` is true")
    transaction_ms: Any = theirs.get("transaction.timeout.ms") or TRANSACTION_TIMEOUT_MS
    if theirs.get("transactional.id") is not None and "message.timeout.ms" in theirs and timeout_ms > transaction_ms:
        raise _failed("`message.timeout.ms` must be set <= `transaction.timeout.ms`")


def _failed(why: str) -> Exception:
    # What stands before it takes nothing of its room.
    return KafkaException(KafkaError(KafkaError._INVALID_ARG, f"Failed to create producer: {cut(why)}"))


def refuse(theirs: Mapping[str, Value]) -> None:
    """Raise ConfigError for what librdkafka would obey, and cannot be obeyed here."""
    refused = dict(REFUSED)
    if "ssl" in str(theirs.get("security.protocol")):
        refused |= REFUSED_WITH_TLS
    if theirs.get("sasl.mechanisms") == "OAUTHBEARER":
        refused |= REFUSED_WITH_TOKENS
    for name, why in refused.items():
        harmless = (None, 0, "default") if name != "enable.ssl.certificate.verification" else (None, True)
        if theirs.get(name) not in harmless:
            raise ConfigError(f"property {name} cannot be obeyed here: {why}")
    acks = theirs.get("request.required.acks")
    if acks not in (None, -1, 0, 1):
        raise ConfigError(f"acks is {acks}, which brokers refuse: it must be all, 0 or 1")
