"""Avro's binary form by fastavro. What fastavro would write as something else without a word is refused: 1.5 or 2**40 for an int."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from fastavro import schemaless_reader, schemaless_writer

from producer.errors import SerializationError
from producer.serialization.formats.avro_bounds import Bounds
from producer.serialization.formats.avro_fit import misfit
from producer.serialization.formats.avro_risk import risk

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.schemas.avro.avro_schema import AvroSchema


class AvroCodec:
    """One Avro schema at work. Records are dicts, logical types Python's own: datetime, date, time, Decimal, UUID."""

    indexes = b""

    def __init__(self, schema: AvroSchema, _message: object = None, *, reader: AvroCodec | None = None) -> None:
        """Raises InvalidSchemaError for a schema no value of which ever ends."""
        self.name = schema.name
        self._schema = schema
        self._parsed = cast("Any", schema.parsed)
        self._risk = risk(self._parsed)
        self._bounds = Bounds(schema)
        self.decode = self._decoder(reader)
        """Gives the record of bytes. Raises SerializationError for bytes that are none, and for bytes behind it."""

    def encoder(self, prefix: bytes) -> Callable[[Any], bytes]:
        """Give what makes bytes of a record, behind the prefix. That raises SerializationError."""
        parsed, is_risky = self._parsed, self._risk
        check = self._bounds.check_value if self._bounds.is_deep else None

        def encode(data: Any) -> bytes:
            # In here, for a million records, everything is a name of the function's own.
            if check is not None:
                check(data)
            buffer = BytesIO()
            try:
                if is_risky is None or not is_risky(data) or (found := misfit(data, parsed)) is None:
                    schemaless_writer(buffer, parsed, data)
                    return prefix + buffer.getvalue()
            except Exception as error:  # whatever fastavro, or the value itself, raises
                found = misfit(data, parsed) or SerializationError(f"{type(error).__name__}: {error}", value=data)
                raise found from error
            raise found

        return encode

    def read_as(self, reader: AvroCodec) -> AvroCodec:
        """Give one that resolves what is written to another schema, as the specification has it."""
        return AvroCodec(self._schema, reader=reader)

    def _decoder(self, reader: AvroCodec | None) -> Callable[[bytes, bytes | None], Any]:
        parsed, wanted = self._parsed, None if reader is None else reader._parsed
        are_not = f"are no {self.name}" + ("" if reader is None else f" that can be read as the reader's {reader.name}")
        check = self._bounds.check_bytes if self._bounds.is_needed else None

        def decode(payload: bytes, _header_rest: bytes | None) -> Any:
            buffer = BytesIO(payload)
            try:
                if check is not None:
                    check(payload)
                value = schemaless_reader(buffer, parsed, wanted)
            except Exception as error:  # whatever fastavro makes of nonsense
                what = str(error) or "they end early"
                raise SerializationError(f"{len(payload)} bytes {are_not}: {type(error).__name__}: {what}") from error
            rest = buffer.read()
            if rest:
                raise SerializationError(f"{len(payload)} bytes {are_not}: {len(rest)} are left behind it")
            return value

        return decode
