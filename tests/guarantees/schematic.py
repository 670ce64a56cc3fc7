"""Traces with schemas, written by hand: values in Confluent's wire format, readers by versions of their code, and what they were told."""

from __future__ import annotations

import json
from typing import Any, Self

from producer.schemas.schema import Schema, SchemaType
from producer.serialization.formats.codec import codec
from producer.serialization.wire_format import id_prefix
from sim.trace import events
from tests.guarantees.written import WrittenTrace

REGISTRY = "http://registry-1:8081"
READER = "billing"


def order(*fields: str) -> Schema:
    """An Avro record whose fields are numbers."""
    told = [{"name": field, "type": "long"} for field in fields]
    return Schema(SchemaType.AVRO, json.dumps({"type": "record", "name": "Order", "fields": told}))


def written_by(schema: Schema, schema_id: int, value: Any) -> bytes:
    return codec(schema, {}).encoder(id_prefix(schema_id))(value)


class SchematicTrace(WrittenTrace):
    """As any written trace; each record has the bytes that are said."""

    def deploy(self, version: int, schema: Schema | None, *, by: str = READER, registry: str = REGISTRY) -> Self:
        kind, text = ("", "") if schema is None else (str(schema.type), schema.text)
        return self._add(events.VersionDeployed(self.now_us, by, version, "orders", registry, kind, text))

    def tell(self, key: int | str, schema: Schema, *, to: str = READER, registry: str = REGISTRY) -> Self:
        """A reader is told the schema of an id, and holds it."""
        told = (schema.text, str(schema.type), str(key))
        return self._add(events.SchemaFound(self.now_us, to, registry, "", 0, *told))

    def refuse(self, key: int | str, *, to: str = READER) -> Self:
        asked = f"GET /schemas/ids/{key}"
        return self._add(events.SchemaRefused(self.now_us, to, REGISTRY, asked, 404, 40403, "Schema not found"))

    def serialize(self, record: int, *, version: int, key: int) -> Self:
        told = (record, "orders", "orders-value", version, str(key), "{}")
        return self._add(events.RecordSerialized(self.now_us, self.client, *told))

    def put(self, record: int, value: bytes | None, *, at: int, is_acknowledged: bool = True) -> Self:
        """The whole way of one record: sent, appended, copied, committed, acknowledged."""
        self._add(events.RecordSent(self.now_us, self.client, record, "orders", b"k", value, (), -1, -1, None))
        self.append(self.request(self.batch(record)), at=at)
        self.replicate(2, 3, at=at).commit(at + 1)
        return self.acknowledge(record, at=at) if is_acknowledged else self.fail(record, outcome="unknown")

    def say_unreadable(self, at: int, *, by: str = READER) -> Self:
        told = ("orders", 0, at, 1, "1", "it does not like it", "stop")
        return self._add(events.RecordUnreadable(self.now_us, by, *told))

    def say_decoded(self, at: int, *, by: str = READER) -> Self:
        told = ("orders", 0, at, 1, "1", "Order", "{}")
        return self._add(events.RecordDecoded(self.now_us, by, *told))
