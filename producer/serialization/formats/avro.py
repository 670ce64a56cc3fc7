"""Avro's binary form by fastavro. What fastavro would write as something else without a word is refused: 1.5 or 2**40 for an int."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from fastavro import schemaless_reader

from producer.errors import SerializationError
from producer.serialization.formats.avro_bounds import Bounds
from producer.serialization.formats.avro_writer import writer
from producer.serialization.wire_format import ID_BYTES

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
        self._bounds = Bounds(schema)
        self.read = self._reader(reader)
        """Gives the record of the bytes behind an id, and of the codec's own."""

    def encoder(self, prefix: bytes) -> Callable[[Any], bytes]:
        """Give what makes bytes of a record, behind the prefix. That raises SerializationError."""
        write, check = writer(self._parsed, prefix), self._bounds.check_value

        def write_deep(data: Any) -> bytes:
            check(data)
            return write(data)

        return write_deep if self._bounds.is_deep else write

    def read_as(self, reader: AvroCodec) -> AvroCodec:
        """Give one that resolves what is written to another schema, as the specification has it."""
        return AvroCodec(self._schema, reader=reader)

    def decode(self, payload: bytes, _header_rest: bytes | None) -> Any:
        """Give the record of bytes. Raises SerializationError for bytes that are none, and for bytes behind it."""
        return self.read(BytesIO(payload), 0)

    def _reader(self, reader: AvroCodec | None) -> Callable[..., Any]:
        parsed, wanted = self._parsed, None if reader is None else reader._parsed
        are_not = f"are no {self.name}" + ("" if reader is None else f" that can be read as the reader's {reader.name}")
        check = self._bounds.check_bytes if self._bounds.is_needed else None

        def read(buffer: BytesIO, start: int = ID_BYTES) -> Any:
            try:
                if check is not None:
                    check(buffer.getvalue()[start:])
                value = schemaless_reader(buffer, parsed, wanted)
            except Exception as error:  # whatever fastavro makes of nonsense
                what = str(error) or "they end early"
                raise SerializationError(
                    f"{len(buffer.getvalue()) - start} bytes {are_not}: {type(error).__name__}: {what}"
                ) from error
            rest = buffer.read()
            if rest:
                raise SerializationError(
                    f"{len(buffer.getvalue()) - start} bytes {are_not}: {len(rest)} are left behind it"
                )
            return value

        return read
