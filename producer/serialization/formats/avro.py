"""Avro's binary form by fastavro. What fastavro would write as something else without a word is refused: 1.5 or 2**40 for an int."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from fastavro import schemaless_reader, schemaless_writer

from producer.errors import SerializationError
from producer.serialization.formats.avro_fit import misfit
from producer.serialization.formats.avro_risk import risk

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.schemas.avro.avro_schema import AvroSchema


class AvroCodec:
    """One Avro schema at work. Records are dicts, logical types Python's own: datetime, date, time, Decimal, UUID."""

    indexes = b""

    def __init__(self, schema: AvroSchema, _message: object = None, *, reader: AvroCodec | None = None) -> None:
        self.name = schema.name
        self._schema = schema
        self._parsed = cast("Any", schema.parsed)
        self._wanted = None if reader is None else reader._parsed
        self._are_not = f"are no {self.name}" + (
            "" if reader is None else f" that can be read as the reader's {reader.name}"
        )
        self._risk = risk(self._parsed)

    def encoder(self, prefix: bytes) -> Callable[[Any], bytes]:
        """Give what makes bytes of a record, behind the prefix. That raises SerializationError."""
        parsed, is_risky = self._parsed, self._risk

        def encode(data: Any) -> bytes:
            # In here, for a million records, everything is a name of the function's own.
            buffer = BytesIO()
            try:
                found = misfit(data, parsed) if is_risky is not None and is_risky(data) else None
                if found is None:
                    schemaless_writer(buffer, parsed, data)
                    return prefix + buffer.getvalue()
            except Exception as error:  # whatever fastavro, or the value itself, raises
                found = misfit(data, parsed) or SerializationError(f"{type(error).__name__}: {error}", value=data)
                raise found from error
            raise found

        return encode

    def decode(self, payload: bytes, _header_rest: bytes | None) -> Any:
        """Give the record. Raises SerializationError for bytes that are none, and for bytes behind it."""
        buffer = BytesIO(payload)
        try:
            value = schemaless_reader(buffer, self._parsed, self._wanted)
        except Exception as error:  # whatever fastavro makes of nonsense
            what = f"{type(error).__name__}: {error!s}" if str(error) else f"{type(error).__name__}: they end early"
            raise SerializationError(f"{len(payload)} bytes {self._are_not}: {what}") from error
        left = len(payload) - buffer.tell()
        if left:
            raise SerializationError(f"{len(payload)} bytes {self._are_not}: {left} are left behind it")
        return value

    def read_as(self, reader: AvroCodec) -> AvroCodec:
        """Give one that resolves what is written to another schema, as the specification has it."""
        return AvroCodec(self._schema, reader=reader)
