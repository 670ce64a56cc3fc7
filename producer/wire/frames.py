"""Frames: four bytes of length before each message, and whole messages out of a stream that cuts them anywhere."""

from __future__ import annotations

from struct import Struct

from producer.errors import MalformedError

_LENGTH = Struct(">i")
_LENGTH_BYTES = 4
FRAME_BYTES_MAX = 100 * 1024 * 1024
"""The broker's socket.request.max.bytes, its default."""
_TLS_RECORDS = (b"\x15\x03", b"\x16\x03")
"""How a TLS alert and a TLS handshake begin. Read as a length they are a frame of 352 million bytes, and tell nobody why."""


def frame(payload: bytes) -> bytes:
    """Put the length before a payload."""
    return _LENGTH.pack(len(payload)) + payload


class FrameReader:
    """Whole frames out of a byte stream. After a MalformedError the stream has no next frame: close the connection."""

    __slots__ = ("_chunks", "_held_bytes", "_wanted_bytes", "frame_bytes_max", "is_malformed")

    def __init__(self, frame_bytes_max: int = FRAME_BYTES_MAX) -> None:
        """Refuse any frame whose payload is longer than `frame_bytes_max`."""
        self.frame_bytes_max = frame_bytes_max
        # Chunks are joined once, when they hold what is wanted: a large frame in small chunks is copied only once.
        self._chunks: list[bytes] = []
        self._held_bytes = 0
        self._wanted_bytes = _LENGTH_BYTES
        self.is_malformed = False
        """Whether nonsense follows the frames that were given: the next `feed`, of nothing at all too, raises."""

    @property
    def held_bytes(self) -> int:
        """Bytes of a frame that is not whole yet."""
        return self._held_bytes

    def feed(self, data: bytes) -> list[bytes]:
        """Take what the stream brought; give the payloads of the frames that are whole now, in order.

        Raises MalformedError for a negative length or one above `frame_bytes_max`, once all that came before was given.
        """
        if self._chunks:
            self._chunks.append(data)
            self._held_bytes += len(data)
            if self._held_bytes < self._wanted_bytes:
                return []
            data = b"".join(self._chunks)
            self._chunks.clear()
        frames: list[bytes] = []
        position = 0
        size = len(data)
        wanted = _LENGTH_BYTES
        while size - position >= _LENGTH_BYTES:
            length: int = _LENGTH.unpack_from(data, position)[0]
            if not 0 <= length <= self.frame_bytes_max:
                if frames:
                    self.is_malformed = True
                    break
                if data.startswith(_TLS_RECORDS, position):
                    msg = "the peer speaks TLS: security.protocol must be SSL or SASL_SSL to talk to it"
                    raise MalformedError(msg)
                msg = f"a frame of {length} bytes, must be 0..{self.frame_bytes_max}"
                raise MalformedError(msg)
            start = position + _LENGTH_BYTES
            end = start + length
            if end > size:
                wanted = _LENGTH_BYTES + length
                break
            frames.append(data[start:end])
            position = end
        self._held_bytes = size - position
        self._wanted_bytes = wanted
        if position < size:
            self._chunks.append(data[position:] if position else data)
        return frames
