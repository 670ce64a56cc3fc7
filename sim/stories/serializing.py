"""One life's serializer: its values become bytes before its producer is given them, or nothing is sent and it is told why."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.drivers.serializing import serializer_of
from producer.errors import ProducerError, SerializationError
from producer.serialization import names
from producer.serialization.schema_serializer import SchemaSerializer
from producer.serialization.serializer import Role
from producer.serialization.shown import json_text
from sim.stories.asking import settings_of
from sim.trace.events import RecordNotSerialized, RecordSerialized, VersionDeployed

if TYPE_CHECKING:
    from collections.abc import Generator

    import simpy

    from producer.config.config import ProducerConfig
    from producer.records import Record
    from sim.cluster.cluster import Cluster
    from sim.stories.asking import Asking
    from sim.stories.schemas import Version
    from sim.world.network import Host


class Serialized(NamedTuple):
    """A record with its bytes, and the event that says so."""

    record: Record
    event: RecordSerialized


class LifeSerializer:
    """It remembers what it was told as long as the life lasts."""

    def __init__(
        self,
        cluster: Cluster,
        client: str,
        host: Host,
        config: ProducerConfig,
        *,
        version: int,
        code: Version,
        asking: Asking,
    ) -> None:
        """`code` is version `version` of the application's, `client` the life and `host` where it is. Raises ConfigError."""
        self._world = cluster.world
        self._emit = cluster.trace.emit
        self._client = client
        self._version = version
        self._code = code
        made = config.model_copy(update={"acklab_value_schema": code.schema})
        serializer = serializer_of(made, Role.VALUE)
        assert serializer is not None, "an application with versions has a serializer"
        self._serializer = serializer
        self._url = ",".join(config.schema_registry_url)
        needs_registry = names.needs_registry(config.value_serializer)
        self._questions = (
            asking.questions(client, host, config.schema_registry_url, settings_of(config)) if needs_registry else None
        )

    def begin(self) -> None:
        """Say which version runs."""
        schema = self._code.schema
        text, kind = ("", "") if schema is None else (schema.text, str(schema.type))
        self._emit(VersionDeployed(self._world.now_us, self._client, self._version, "", self._url, kind, text))

    def serialized(self, record: Record, number: int, place: int) -> Generator[simpy.Event, Any, Serialized | None]:
        """Make bytes of the value at that place of the work; None where that cannot be: its application was told so.

        A record without a value deletes its key, and has no schema.
        """
        value = None if record.value is None else self._code.values[place % len(self._code.values)]
        headers = list(record.headers)
        if isinstance(self._serializer, SchemaSerializer):
            self._serializer.time_is(self._world.now_us)
        use = partial(self._serializer.serialize, record.topic, headers, value)
        try:
            data = use() if self._questions is None else (yield from self._questions.known(use))
        except ProducerError as error:
            field = error.field if isinstance(error, SerializationError) else ""
            why = str(error)
            self._emit(RecordNotSerialized(self._world.now_us, self._client, number, record.topic, field, why))
            return None
        event = RecordSerialized(
            self._world.now_us, self._client, number, record.topic, *self._written_by(record, value), json_text(value)
        )
        return Serialized(record._replace(value=data, headers=tuple(headers)), event)

    def leave(self) -> None:
        """The process is gone."""
        if self._questions is not None:
            self._questions.leave()

    def _written_by(self, record: Record, value: Any) -> tuple[str, int, str]:
        """Subject, version and key of the schema; nothing where none is at work."""
        found = (
            self._serializer.written_by(record.topic, value)
            if isinstance(self._serializer, SchemaSerializer) and value is not None
            else None
        )
        return ("", 0, "") if found is None else (found.subject, found.version, str(found.key))
