"""ProducerConfig: Kafka's own property names, defaults, ranges and cross-checks (`org.apache.kafka.clients.producer`).

Names are the dotted ones of the Java producer. kafka-python's snake_case and librdkafka's aliases are accepted, an
unknown name is refused with the nearest one that exists, and a property that means nothing here is refused with the
reason, unless its value says what happens here anyway: nothing is silently ignored.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from producer.config import security, serialization
from producer.config.addresses import parse_address
from producer.config.cross_checks import cross_check
from producer.config.profiles import with_profile
from producer.config.properties import ProducerProperties
from producer.config.property_types import Verbatim, trimmed
from producer.config.without_effect import HARMLESS, REFUSED, check_harmless
from producer.errors import ConfigError
from producer.partitioners import ready_made

if TYPE_CHECKING:
    from collections.abc import Mapping

    from producer.partitioners.partitioner import Partitioner


class ProducerConfig(ProducerProperties):
    """One producer's configuration; build it with `ProducerConfig.from_properties`."""

    @classmethod
    def from_properties(cls, properties: Mapping[str, Any]) -> ProducerConfig:
        """Build a configuration from Kafka's property names. Values may be text, as in a properties file.

        Raises ConfigError naming the property and the value.
        """
        given: dict[str, Any] = {}
        for name, value in properties.items():
            canonical = canonical_name(name)
            if canonical in given:
                msg = f"{canonical} is given twice (once as {name!r})"
                raise ConfigError(msg)
            given[canonical] = value
        _leave_out_blank_id(given)
        for name in [name for name in given if name in REFUSED]:
            check_harmless(name, given.pop(name))
        given = with_profile(given)
        try:
            config = cls.model_validate(given)
        except ValidationError as error:
            raise ConfigError(_say(error)) from error
        changes = cross_check(config, explicit=frozenset(given))
        return config.model_copy(update=changes) if changes else config

    @property
    def has_client_id(self) -> bool:
        """Whether `client.id` was given; another client's application may have given an empty one."""
        return "client_id" in self.model_fields_set

    @property
    def acks_code(self) -> int:
        """`acks` as the wire has it: 0, 1 or -1."""
        return -1 if self.acks == "all" else int(self.acks)

    @property
    def bootstrap_addresses(self) -> tuple[tuple[str, int], ...]:
        """`bootstrap.servers` as (host, port)."""
        return tuple(parse_address(server) for server in self.bootstrap_servers)

    def make_partitioner(self) -> Partitioner | None:
        """Give the partitioner of `partitioner.class`, made anew unless it is an object; None for Kafka's default.

        Raises ConfigError if its class cannot be made.
        """
        return ready_made.make(self.partitioner_class, self.acklab_partitioner_salts)


PROPERTIES: dict[str, str] = {
    field.alias: name for name, field in ProducerConfig.model_fields.items() if field.alias is not None
}
"""Property name -> field name."""

ALIASES = {
    "metadata.broker.list": "bootstrap.servers",
    "request.required.acks": "acks",
    "message.timeout.ms": "delivery.timeout.ms",
    "queue.buffering.max.ms": "linger.ms",
    "message.send.max.retries": "retries",
    "compression.codec": "compression.type",
    "max.in.flight": "max.in.flight.requests.per.connection",
    "message.max.bytes": "max.request.size",
    "partitioner": "partitioner.class",
    "socket.send.buffer.bytes": "send.buffer.bytes",
    "socket.receive.buffer.bytes": "receive.buffer.bytes",
    **security.ALIASES,
    **serialization.ALIASES,
}
"""librdkafka's names for the same things."""


def canonical_name(name: str) -> str:
    """Give Kafka's own name for a property. Raises ConfigError with the nearest name, or the reason it is refused."""
    dotted = name if "." in name else name.replace("_", ".")
    dotted = ALIASES.get(dotted, dotted)
    if dotted in PROPERTIES or dotted in HARMLESS:
        return dotted
    reason = REFUSED.get(dotted) or next(
        (why for prefix, why in security.REFUSED_PREFIXES.items() if dotted.startswith(prefix)), None
    )
    if reason is not None:
        msg = f"property {dotted} has no effect here: {reason}"
        raise ConfigError(msg)
    near = get_close_matches(dotted, [*PROPERTIES, *ALIASES, *REFUSED], n=1, cutoff=0.6)
    hint = f"; did you mean {near[0]}?" if near else ""
    msg = f"unknown property {name!r}{hint}"
    raise ConfigError(msg)


def _leave_out_blank_id(given: dict[str, Any]) -> None:
    """An empty `client.id` is none (ProducerConfig.maybeOverrideClientId)."""
    told = given.get("client.id")
    if isinstance(told, str) and not isinstance(told, Verbatim) and not trimmed(told):
        del given["client.id"]


def _say(error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else "configuration"
    if first["type"] == "missing":
        return f"{name} is required"
    what = str(first["ctx"]["error"]) if first["type"] == "value_error" else first["msg"][0].lower() + first["msg"][1:]
    if name in security.SECRETS:
        return f"{name} is a {type(first['input']).__name__} that is not shown here: {what}"
    return f"{name} is {first['input']!r}: {what}"
