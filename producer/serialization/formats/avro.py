"""Avro's binary form by fastavro. What fastavro would write as something else without a word is refused: 1.5 or 2**40 for an int."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from fastavro import schemaless_reader

from producer.errors import SerializationError
from producer.serialization.formats.avro_bounds import LONGEST, Bounds
from producer.serialization.formats.avro_held import held
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
        parsed, as_written = self._parsed, held(self._parsed)
        wanted = None if reader is None or reader._parsed == parsed else reader._parsed
        are_not = f"are no {self.name}" + ("" if reader is None else f" that can be read as the reader's {reader.name}")
        check, is_needed, has_counts = self._bounds.check_bytes, self._bounds.is_needed, self._bounds.has_counts

        def read(buffer: BytesIO, start: int = ID_BYTES) -> Any:
            # In here, as in what writes, everything is a name of the function's own.
            try:
                if is_needed or (has_counts and LONGEST in buffer.getvalue()):
                    check(buffer.getvalue(), start)
                value = schemaless_reader(buffer, as_written, None)
                if wanted is not None:
                    # fastavro believes every number when it resolves, and passes over what the reader lacks without a look.
                    buffer.seek(start)
                    value = schemaless_reader(buffer, parsed, wanted)
            except Exception as error:  # whatever fastavro makes of nonsense
                size, why = len(buffer.getvalue()) - start, str(error) or "they end early"
                if isinstance(error, KeyError):
                    why = f"there is no branch or symbol {error}"
                raise SerializationError(f"{size} bytes {are_not}: {type(error).__name__}: {why}") from error
            rest = buffer.read()
            if rest:
                size = len(buffer.getvalue()) - start
                raise SerializationError(f"{size} bytes {are_not}: {len(rest)} are left behind it")
            return value

        return read
