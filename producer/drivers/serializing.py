"""A record's key and value on their way into bytes: what is wrong with one is said before anything is queued."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.config.serialization import latest_with
from producer.drivers.callbacks import call_each
from producer.errors import ProducerError, SerializationError
from producer.serialization import names
from producer.serialization.plain import BYTES
from producer.serialization.registry.settings import MS_US, S_US, RegistrySettings, places
from producer.serialization.serializer import Role
from producer.serialization.subjects import strategy
from producer.serialization.unknown import SchemaUnknownError

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.config.config import ProducerConfig
    from producer.serialization.schema_serializer import WrittenBy
    from producer.serialization.serializer import HeaderList, Serializer


class Serializing:
    """The two serializers of one producer; whoever has none is not asked."""

    __slots__ = ("_key", "_serializers", "_value", "_value_written_by", "timed")

    def __init__(self, key: Serializer | None, value: Serializer | None) -> None:
        """None takes bytes as they are."""
        self._serializers = [one for one in (key, value) if one is not None]
        self.timed: list[Callable[[int], object]] = [
            tell for one in self._serializers if callable(tell := getattr(one, "time_is", None))
        ]
        """Who is to be told the time before a record, in microseconds: a serializer has no clock of its own."""
        self._key = (key or BYTES).serialize
        self._value = (value or BYTES).serialize
        self._value_written_by: Callable[[str, Any], WrittenBy | None] | None = getattr(value, "written_by", None)

    def key_and_value(self, topic: str, key: Any, value: Any, headers: HeaderList) -> tuple[bytes | None, bytes | None]:
        """Give the bytes of both; what serializers say in headers is put behind those. Raises SerializationError."""
        role, given = Role.KEY, key
        try:
            key_bytes = self._key(topic, headers, key)
            role, given = Role.VALUE, value
            return key_bytes, self._value(topic, headers, value)
        except SerializationError as error:
            raise error.of(f"{role.value} for topic {topic!r}") from error
        except (ProducerError, SchemaUnknownError):
            raise
        except Exception as error:  # the application's own serializer
            what = f"{role.value} for topic {topic!r}: {type(error).__name__}: {error}"
            raise SerializationError(what, value=given) from error

    def value_written_by(self, topic: str, value: Any) -> WrittenBy | None:
        """Say by which schema such a value is written; None where the serializer knows none, or has not asked yet."""
        return None if self._value_written_by is None else self._value_written_by(topic, value)

    def close(self) -> None:
        """Close what has something to close; an application's own, too, as Kafka does."""
        endings: list[Callable[[], object]] = [
            ending for one in self._serializers if callable(ending := getattr(one, "close", None))
        ]
        self._serializers = []
        call_each(endings)


def serializing_of(config: ProducerConfig) -> Serializing | None:
    """Make the serializers that a producer was configured with; None if records are bytes. Raises ConfigError."""
    key, value = serializer_of(config, Role.KEY), serializer_of(config, Role.VALUE)
    return None if key is None and value is None else Serializing(key, value)


def registry_settings(config: ProducerConfig) -> RegistrySettings | None:
    """Give where the schema registry is; None if nobody asks one. Raises ConfigError."""
    if not any(map(names.needs_registry, (config.key_serializer, config.value_serializer))):
        return None
    return RegistrySettings(
        places(config.schema_registry_url, user_info=config.schema_registry_basic_auth_user_info),
        connect_timeout_us=config.schema_registry_http_connect_timeout_ms * MS_US,
        read_timeout_us=config.schema_registry_http_read_timeout_ms * MS_US,
        retries_max=config.schema_registry_max_retries,
        backoff_us=config.schema_registry_retries_wait_ms * MS_US,
        backoff_us_max=config.schema_registry_retries_max_wait_ms * MS_US,
    )


def serializer_of(config: ProducerConfig, role: Role) -> Serializer | None:
    """Make the serializer of one role; None if that is bytes. Raises ConfigError."""
    is_key = role is Role.KEY
    resolved = config.key_serializer if is_key else config.value_serializer
    if not names.needs_registry(resolved):
        return names.make(resolved, role)
    from producer.serialization import schema_serializers
    from producer.serialization.schema_settings import SchemaSettings

    settings = SchemaSettings(
        auto_register=config.auto_register_schemas,
        use_latest_version=config.use_latest_version,
        latest_with=latest_with(config),
        latest_ttl_us=None if config.latest_cache_ttl_sec < 0 else config.latest_cache_ttl_sec * S_US,
        latest_strict=config.latest_compatibility_strict,
        latest_max=config.latest_cache_size,
        use_schema_id=None if config.use_schema_id < 0 else config.use_schema_id,
        normalize=config.normalize_schemas,
        is_id_in_header=(config.key_schema_id_serializer if is_key else config.value_schema_id_serializer) == "header",
        subject_name=strategy(
            config.key_subject_name_strategy if is_key else config.value_subject_name_strategy,
            f"{role.value}.subject.name.strategy",
        ),
    )
    schema = config.acklab_key_schema if is_key else config.acklab_value_schema
    return schema_serializers.make(resolved, role, schema, settings)
