"""Records of internal topics to bytes and back: two bytes, then a declared message (CoordinatorRecordSerde).

A key's two bytes say what kind of record it is, a value's in which version it is written.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Any

from producer.errors import MalformedError
from producer.wire.compiler.decoder import write_decoder
from producer.wire.compiler.encoder import write_encoder
from sim.cluster.coordinators.shard import CoordinatorRecord

if TYPE_CHECKING:
    from collections.abc import Callable

_NUMBER = Struct(">h")
_KEY_VERSION = 0
"""Keys are what they are: compaction compares their bytes."""


class RecordKind:
    """One kind of record: what its key and its value are, and in which version a value is written."""

    __slots__ = ("_decoders", "_encoders", "_flexible_since", "_highest", "_key", "_value", "number")

    def __init__(
        self, number: int, key: type[Any], value: type[Any], *, highest: int, flexible_since: int | None = None
    ) -> None:
        """`highest` is the last version of the value that can be read."""
        self.number = number
        self._key = key
        self._value = value
        self._highest = highest
        self._flexible_since = highest + 1 if flexible_since is None else flexible_since
        self._encoders: dict[tuple[type[Any], int], Callable[[Any], bytes]] = {}
        self._decoders: dict[tuple[type[Any], int], Callable[[bytes], Any]] = {}

    def record(self, key: tuple[Any, ...], value: tuple[Any, ...], *, version: int) -> CoordinatorRecord:
        """Write both parts, the value in that version."""
        return CoordinatorRecord(
            self._encoded_key(key), _NUMBER.pack(version) + self._encoder(self._value, version)(value)
        )

    def tombstone(self, key: tuple[Any, ...]) -> CoordinatorRecord:
        """Write that what the key stands for is gone."""
        return CoordinatorRecord(self._encoded_key(key), None)

    def read_key(self, data: bytes) -> Any:
        """Read a key of this kind. Raises MalformedError."""
        return self._decoder(self._key, _KEY_VERSION)(data[_NUMBER.size :])

    def read_value(self, data: bytes) -> Any:
        """Read a value in whatever version it was written. Raises MalformedError."""
        version = number_of(data)
        if not 0 <= version <= self._highest:
            msg = f"{self._value.__name__} {version}, versions read here are 0-{self._highest}"
            raise MalformedError(msg)
        return self._decoder(self._value, version)(data[_NUMBER.size :])

    def _encoded_key(self, key: tuple[Any, ...]) -> bytes:
        return _NUMBER.pack(self.number) + self._encoder(self._key, _KEY_VERSION)(key)

    def _encoder(self, message: type[Any], version: int) -> Callable[[Any], bytes]:
        encoder = self._encoders.get((message, version))
        if encoder is None:
            title = f"{message.__name__} {version}"
            source = write_encoder(message, version, is_flexible=self._is_flexible(message, version), title=title)
            encoder = self._encoders[message, version] = source.run("encode", f"{title}, encode")
        return encoder

    def _decoder(self, message: type[Any], version: int) -> Callable[[bytes], Any]:
        decoder = self._decoders.get((message, version))
        if decoder is None:
            title = f"{message.__name__} {version}"
            source = write_decoder(message, version, is_flexible=self._is_flexible(message, version), title=title)
            decoder = self._decoders[message, version] = source.run("decode", f"{title}, decode")
        return decoder

    def _is_flexible(self, message: type[Any], version: int) -> bool:
        return message is self._value and version >= self._flexible_since


def number_of(data: bytes) -> int:
    """Give the first two bytes: a key's kind, a value's version. Raises MalformedError."""
    if len(data) < _NUMBER.size:
        msg = f"a record's part of {len(data)} bytes says nothing of its kind"
        raise MalformedError(msg)
    number: int = _NUMBER.unpack_from(data)[0]
    return number
