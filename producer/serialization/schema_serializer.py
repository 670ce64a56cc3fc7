"""`SchemaSerializer`: values by a schema of a registry, which is asked once and then remembered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.errors import SchemaRegistryError, SerializationError, UsageError
from producer.schemas.schema import Schema, SchemaType
from producer.serialization.formats.codec import codec
from producer.serialization.latest import check_reads
from producer.serialization.references import referenced_by
from producer.serialization.registry import answers, calls
from producer.serialization.registry.answers import Registered
from producer.serialization.schema_settings import KNOWN_MAX, SchemaSettings
from producer.serialization.serializer import Role
from producer.serialization.unknown import SchemaUnknownError
from producer.serialization.wire_format import guid_header, header_name, id_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from producer.serialization.formats.codec import Codec
    from producer.serialization.registry.calls import Call
    from producer.serialization.serializer import HeaderList
    from producer.serialization.unknown import Questions
    from producer.serialization.wire_format import SchemaKey


NEVER_US = 1 << 62


class WrittenBy(NamedTuple):
    """By which schema values of one topic are written, as far as the registry has said it."""

    subject: str
    """Empty where an id was given (`use.schema.id`)."""
    version: int
    """0 where it was not told."""
    key: SchemaKey
    """What the bytes name: the id, or the GUID."""


@dataclass(frozen=True, slots=True)
class _Writer:
    """What the registry was asked for: how values of one topic are written."""

    encode: Callable[[Any], bytes]
    """Makes a value's bytes, with the id before them unless the header says it."""
    header: tuple[str, bytes] | None
    schema: str
    """Subject, version and id, for messages."""
    written_by: WrittenBy
    is_latest: bool = False
    """Whether it is what the registry has as the latest version."""
    until_us: int = NEVER_US
    """When it is to be asked for again, as there may be a later version."""


class SchemaSerializer:
    """Writes values by one schema, with the id by which a registry knows it before them (Confluent's wire format).

    Immutable but for what it remembers. `serialize` never asks anybody: it raises a SchemaUnknownError with the questions, which
    a producer asks in its own way, of the registry of `schema.registry.url`.
    """

    needs_registry = True

    def __init__(
        self,
        schema: Schema | None = None,
        *,
        schema_type: SchemaType | None = None,
        message: Any = None,
        settings: SchemaSettings | None = None,
        role: Role | None = None,
    ) -> None:
        """Without a schema, Protobuf takes that of each message's class, and the others the latest version of the subject.

        `message` is the Protobuf message that dicts are made into: its full name or class; the file's first by default. Without
        `settings` and `role` they are the producer's.
        """
        kind = schema_type if schema is None else schema.type
        if kind is None:
            msg = "a SchemaSerializer needs a schema or a schema_type"
            raise UsageError(msg)
        self._schema = schema
        self._type = SchemaType(kind)
        self._message = message
        self._settings = settings
        self._role = role
        self._is_by_class = self._type is SchemaType.PROTOBUF
        self._writers: dict[Any, _Writer] = {}
        self._plain: dict[str, _Writer] = {}
        """Those of them that neither look at the value's class nor write a header: most values need no more than one look here."""
        self._now_us = 0
        self._stale_us = NEVER_US
        """When the first of them is to be asked for again."""

    def configured(self, settings: SchemaSettings, role: Role) -> SchemaSerializer:
        """Give one with these wherever this one was told nothing."""
        return SchemaSerializer(
            self._schema,
            schema_type=self._type,
            message=self._message,
            settings=self._settings or settings,
            role=self._role or role,
        )

    def serialize(self, topic: str, headers: HeaderList, data: Any) -> bytes | None:
        """Give the value's bytes. Raises SerializationError naming field, value and the schema's version; SchemaUnknownError."""
        if data is None:
            return None
        try:
            plain = self._plain[topic]
        except KeyError:
            return self._serialize(topic, headers, data)
        try:
            return plain.encode(data)
        except SerializationError as error:
            raise _of_schema(error, plain) from error

    def _serialize(self, topic: str, headers: HeaderList, data: Any) -> bytes:
        """Look at the value's class, and write the header."""
        writer = self._writers.get((topic, data.__class__) if self._is_by_class else topic)
        if writer is None:
            raise SchemaUnknownError(self._learn(topic, data))
        try:
            payload = writer.encode(data)
        except SerializationError as error:
            raise _of_schema(error, writer) from error
        if writer.header is not None:
            headers.append(writer.header)
        return payload

    def written_by(self, topic: str, data: Any) -> WrittenBy | None:
        """Say by which schema such a value is written; None as long as nobody was asked."""
        writer = self._writers.get((topic, data.__class__) if self._is_by_class else topic)
        return None if writer is None else writer.written_by

    def time_is(self, now_us: int) -> None:
        """Tell the time, for `latest_ttl_us`: who never does has what was the latest version once, for ever."""
        self._now_us = now_us
        if now_us < self._stale_us:
            return
        # Another thread may be about to remember something.
        for key, writer in list(self._writers.items()):
            if writer.until_us <= now_us:
                self._writers.pop(key, None)
                self._plain.pop(key, None)
        self._stale_us = min((writer.until_us for writer in list(self._writers.values())), default=NEVER_US)

    # -- what has to be asked first ----------------------------------------------------------------------------------

    def _learn(self, topic: str, data: Any) -> Questions:
        """Ask for what values of a topic need. Raises InvalidSchemaError, SchemaRegistryError."""
        settings, role = self._settings or SchemaSettings(), self._role or Role.VALUE
        schema, message = self._schema, self._message
        if self._is_by_class and hasattr(data, "DESCRIPTOR"):
            message = data.__class__
            if schema is None:
                schema = yield from self._schema_of(message, settings)
        found: Schema
        until_us, is_latest = NEVER_US, False
        if settings.use_schema_id is not None:
            call = calls.by_id(settings.use_schema_id)
            told = yield call
            found, place = answers.schema(call, told), Registered(settings.use_schema_id, 0, _guid(told))
            subject = ""
        elif settings.latest_with or settings.use_latest_version or schema is None:
            subject = self._subject(settings, topic, role, schema, message)
            call = (
                calls.latest_with(subject, settings.latest_with) if settings.latest_with else calls.version_of(subject)
            )
            told = yield call
            is_latest = True
            if settings.latest_ttl_us is not None:
                until_us = self._now_us + settings.latest_ttl_us
            found, place = answers.schema(call, told), answers.registered(call, told)
            if settings.latest_strict and not settings.latest_with and schema is not None:
                yield from check_reads(subject, found, place, schema)
        else:
            referenced = yield from referenced_by(schema)
            # Whether it is a schema at all is found out here, and not by the registry.
            found, made = schema, codec(schema, referenced, message)
            subject = settings.subject_name(topic, role, made.name)
            place = yield from _place(subject, schema, settings)
        if found.type is not self._type:
            raise SerializationError(f"schema {place.schema_id} is of type {found.type}, must be {self._type}")
        referenced = yield from referenced_by(found)
        writer = _writer(codec(found, referenced, message), place, subject, settings, role)
        self._remember(topic, data, replace(writer, until_us=until_us, is_latest=is_latest))

    def _subject(self, settings: SchemaSettings, topic: str, role: Role, schema: Schema | None, message: Any) -> str:
        name = ""
        if schema is not None:
            name = codec(schema, {}, message).name if not schema.references else ""
        return settings.subject_name(topic, role, name)

    @staticmethod
    def _schema_of(message: Any, settings: SchemaSettings) -> Generator[Call, Any, Schema]:
        from producer.serialization.formats.protobuf_files import schema_of_class

        return (yield from schema_of_class(message, lambda subject, schema: _place(subject, schema, settings)))

    def _remember(self, topic: str, data: Any, writer: _Writer) -> None:
        if len(self._writers) >= KNOWN_MAX:
            self._writers.clear()
            self._plain.clear()
        if writer.is_latest:
            latest = [key for key, one in list(self._writers.items()) if one.is_latest]
            for key in latest[: len(latest) + 1 - (self._settings or SchemaSettings()).latest_max]:
                self._writers.pop(key, None)
                self._plain.pop(key, None)
        self._writers[(topic, data.__class__) if self._is_by_class else topic] = writer
        if not self._is_by_class and writer.header is None:
            self._plain[topic] = writer
        self._stale_us = min(self._stale_us, writer.until_us)


def _place(subject: str, schema: Schema, settings: SchemaSettings) -> Generator[Call, Any, Registered]:
    """Register a schema, or find it. The version is asked for, where it is not told, as an error is to name it."""
    find = calls.lookup(subject, schema, normalize=settings.normalize)
    if not settings.auto_register:
        return answers.registered(find, (yield find))
    call = calls.register(subject, schema, normalize=settings.normalize)
    place = answers.registered(call, (yield call))
    if place.version and (place.guid or not settings.is_id_in_header):
        return place
    try:
        return answers.registered(find, (yield find))
    except SchemaRegistryError as error:
        if error.status != 404:
            raise
        return place


def _writer(made: Codec, place: Registered, subject: str, settings: SchemaSettings, role: Role) -> _Writer:
    version = f"{subject} version {place.version}, " if subject and place.version else f"{subject}, " if subject else ""
    schema = f"schema: {version}id {place.schema_id}"
    if not settings.is_id_in_header:
        by_id = WrittenBy(subject, place.version, place.schema_id)
        return _Writer(made.encoder(id_prefix(place.schema_id) + made.indexes), None, schema, by_id)
    if not place.guid:
        raise SerializationError(f"the registry has no GUID for schema {place.schema_id}, so no header can name it")
    header = header_name(role), guid_header(place.guid) + made.indexes
    return _Writer(made.encoder(b""), header, schema, WrittenBy(subject, place.version, place.guid))


def _of_schema(error: SerializationError, writer: _Writer) -> SerializationError:
    return SerializationError(error.message, field=error.field, value=error.value, schema=writer.schema)


def _guid(told: Any) -> str:
    guid = told.get("guid") if isinstance(told, dict) else None
    return guid if isinstance(guid, str) else ""
