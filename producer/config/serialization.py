"""The properties of serializers, and of those that ask a schema registry (`AbstractKafkaSchemaSerDeConfig`)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from producer.config.property_types import Boolean, Int, Long, Text, TextList, trimmed
from producer.errors import ConfigError
from producer.serialization import names
from producer.serialization.serializer import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

ID_PACKAGE = "io.confluent.kafka.serializers.schema.id."
ID_PLACES = {"PrefixSchemaIdSerializer": "prefix", "HeaderSchemaIdSerializer": "header"}


def _id_place(value: object) -> object:
    text = trimmed(value)
    return ID_PLACES.get(text.removeprefix(ID_PACKAGE), text) if isinstance(text, str) else text


def _strategy(value: object, name: str) -> object:
    from producer.serialization.subjects import strategy

    strategy(value, name)
    return value


IdPlace = Annotated[Literal["prefix", "header"], BeforeValidator(_id_place)]
KeyStrategy = Annotated[Any, BeforeValidator(partial(_strategy, name="key.subject.name.strategy"))]
ValueStrategy = Annotated[Any, BeforeValidator(partial(_strategy, name="value.subject.name.strategy"))]


class SerializationConfig(BaseModel):
    """The part of a producer's configuration that says how keys and values become bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    key_serializer: Annotated[Any, BeforeValidator(partial(names.resolve, role=Role.KEY))] = Field(
        None, alias="key.serializer"
    )
    """What makes bytes of `key=` in `send`: `string`, `integer`, `json`, `avro` and the like, a class of Kafka's or Confluent's of that
    name, `module:Class`, a function, or an object with `serialize(topic, headers, data)`. None, or `bytes`: keys are bytes."""
    value_serializer: Annotated[Any, BeforeValidator(partial(names.resolve, role=Role.VALUE))] = Field(
        None, alias="value.serializer"
    )
    """The same for values."""
    acklab_key_schema: Any = Field(None, alias="acklab.key.schema")
    """Ours, not Kafka's: the schema of keys, as text or as a `producer.Schema`, which Confluent's serializers find in the object. Without
    it, Protobuf's is that of the message's class, and the others' is the latest version of the subject."""
    acklab_value_schema: Any = Field(None, alias="acklab.value.schema")
    """Ours, not Kafka's: the same for values."""
    schema_registry_url: TextList = Field([], alias="schema.registry.url")
    """Confluent's: where the schema registry is: `http://host:port`, several of one cluster with commas between."""
    schema_registry_basic_auth_user_info: Text = Field("", alias="schema.registry.basic.auth.user.info", repr=False)
    """Confluent's: `user:password` for it; those in a URL win."""
    schema_registry_http_connect_timeout_ms: Long = Field(60_000, alias="schema.registry.http.connect.timeout.ms", ge=1)
    """Confluent's: how long a connection to it may take to come up."""
    schema_registry_http_read_timeout_ms: Long = Field(60_000, alias="schema.registry.http.read.timeout.ms", ge=1)
    """Confluent's: how long it may leave a request unanswered."""
    schema_registry_max_retries: Int = Field(3, alias="schema.registry.max.retries", ge=0)
    """Confluent's: attempts after the first, at the next registry each."""
    schema_registry_retries_wait_ms: Long = Field(1_000, alias="schema.registry.retries.wait.ms", ge=0)
    """Confluent's: the pause once every registry was tried; it doubles."""
    schema_registry_retries_max_wait_ms: Long = Field(20_000, alias="schema.registry.retries.max.wait.ms", ge=0)
    """Confluent's: the longest such pause."""
    auto_register_schemas: Boolean = Field(True, alias="auto.register.schemas")
    """Confluent's: whether a schema that the registry does not have under the subject is registered; else sending is refused."""
    use_latest_version: Boolean = Field(False, alias="use.latest.version")
    """Confluent's: whether values are written by the latest version of the subject, whatever schema they came with."""
    use_latest_with_metadata: TextList = Field([], alias="use.latest.with.metadata")
    """Confluent's: values are written by the latest version with these metadata: `name=value`, several with commas between."""
    latest_cache_ttl_sec: Int = Field(-1, alias="latest.cache.ttl.sec", ge=-1)
    """Confluent's: after so many seconds the latest version is asked for again; -1: never, what was the latest once stays."""
    latest_cache_size: Int = Field(1_000, alias="latest.cache.size", ge=1)
    """Confluent's: how many latest versions are remembered, one a topic; the first of them is asked for again when there are more."""
    latest_compatibility_strict: Boolean = Field(True, alias="latest.compatibility.strict")
    """Confluent's: whether the latest version must be able to read what is written by the schema that values came with; else sending is
    refused. It is not asked of a version that `use.latest.with.metadata` chose."""
    use_schema_id: Int = Field(-1, alias="use.schema.id", ge=-1)
    """Confluent's: the id of the schema that values are written by; -1 for none."""
    normalize_schemas: Boolean = Field(False, alias="normalize.schemas")
    """Confluent's: whether the registry takes schemas for one that differ in the order of things only."""
    key_subject_name_strategy: KeyStrategy = Field("TopicNameStrategy", alias="key.subject.name.strategy")
    """Confluent's: `TopicNameStrategy` (`orders-key`), `RecordNameStrategy`, `TopicRecordNameStrategy`, or a function of topic, role and name."""
    value_subject_name_strategy: ValueStrategy = Field("TopicNameStrategy", alias="value.subject.name.strategy")
    """Confluent's: the same for values."""
    key_schema_id_serializer: IdPlace = Field("prefix", alias="key.schema.id.serializer")
    """Confluent's: where the schema is named: `prefix`, its id before the payload, or `header`, its GUID. Confluent's class names will do."""
    value_schema_id_serializer: IdPlace = Field("prefix", alias="value.schema.id.serializer")
    """Confluent's: the same for values."""


ALIASES = {"basic.auth.user.info": "schema.registry.basic.auth.user.info"}
"""Confluent's other names for the same things."""

OF_REGISTRIES = frozenset(
    field.alias or ""
    for name, field in SerializationConfig.model_fields.items()
    if name not in {"key_serializer", "value_serializer"}
)
"""What has an effect only where a serializer asks a schema registry."""


def check_serialization(config: SerializationConfig, *, explicit: Iterable[str]) -> None:
    """Raise ConfigError for what is missing, what contradicts itself, and what was given to no effect."""
    given = sorted(explicit)
    asking = [
        role
        for role, resolved in ((Role.KEY, config.key_serializer), (Role.VALUE, config.value_serializer))
        if names.needs_registry(resolved)
    ]
    for name in given:
        role = next((role for role in Role if role.value in name.split(".")), None)
        if name in OF_REGISTRIES and (not asking or (role is not None and role not in asking)):
            which = f"{role.value}.serializer" if role is not None else "a serializer"
            raise ConfigError(
                f"{name} has no effect without {which} that asks a schema registry: {', '.join(names.SCHEMA_NAMES)}"
            )
    if not asking:
        return
    if not config.schema_registry_url:
        raise ConfigError(
            f"schema.registry.url is required with a {asking[0].value}.serializer that asks a schema registry"
        )
    if config.use_latest_version and config.auto_register_schemas:
        # Confluent's would register all the same, and never look at the latest version.
        raise ConfigError(
            "use.latest.version is true, and auto.register.schemas, too: set the one that is not meant to false"
        )
    pairs = latest_with(config)
    if pairs and config.auto_register_schemas:
        raise ConfigError(
            "use.latest.with.metadata is set, and auto.register.schemas is true: set the one that is not meant to false"
        )
    if config.use_schema_id >= 0 and (config.use_latest_version or config.auto_register_schemas):
        raise ConfigError(
            f"use.schema.id is {config.use_schema_id}: auto.register.schemas and use.latest.version must be false beside it"
        )


def latest_with(config: SerializationConfig) -> tuple[tuple[str, str], ...]:
    """Read the metadata of `use.latest.with.metadata`. Raises ConfigError."""
    pairs = []
    for one in config.use_latest_with_metadata:
        name, equals, value = one.partition("=")
        if not name.strip() or not equals:
            raise ConfigError(f"use.latest.with.metadata has {one!r}, must be name=value")
        pairs.append((name.strip(), value.strip()))
    return tuple(pairs)
