"""What one end of a stream sends but the other has not read: under way, in the sender's kernel, and still in its process.

TCP's flow control: never more is under way or unread than the receiver's buffer holds (SO_RCVBUF). Behind that, as much waits in
the sender's kernel as its buffer takes (SO_SNDBUF); what is left waits in the process, and goes with it.
"""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple


class SocketBuffers(NamedTuple):
    """The sizes of a host's sockets."""

    send_bytes: int = 131_072
    receive_bytes: int = 131_072


Parcel = tuple[Any, int]
"""A message that is not bytes, or a part of one, and what it counts in bytes: None in place of the message in every part but the last."""

Payload = bytes | Parcel


class Outbox:
    """The bytes of one direction in order; `next_part` gives what may leave."""

    __slots__ = ("_receive_bytes", "_send_bytes", "_waiting_bytes", "unread_bytes", "waiting")

    def __init__(self, *, send_bytes: int, receive_bytes: int) -> None:
        """`send_bytes` is the sender's buffer, `receive_bytes` the receiver's."""
        self._send_bytes = send_bytes
        self._receive_bytes = receive_bytes
        self.waiting: deque[Payload] = deque()
        """What has no room at the receiver yet."""
        self._waiting_bytes = 0
        self.unread_bytes = 0
        """Under way, or in the receiver's kernel: whoever finds that something was read takes it off."""

    @property
    def is_written(self) -> bool:
        """Whether the kernel has taken everything: the process may forget it, and is writable again."""
        return self._waiting_bytes <= self._send_bytes

    def may_leave(self, size_bytes: int) -> bool:
        """Whether so much may leave at once; then it counts as under way."""
        if self.waiting or self.unread_bytes + size_bytes > self._receive_bytes:
            return False
        self.unread_bytes += size_bytes
        return True

    def put(self, payload: Payload) -> None:
        """Let it wait behind the others."""
        self.waiting.append(payload)
        self._waiting_bytes += size_of(payload)

    def next_part(self) -> Payload | None:
        """Take what may leave now, as much as there is room for; None if there is too little (RFC 9293, 3.8.6.2.1)."""
        if not self.waiting:
            return None
        payload = self.waiting[0]
        size_bytes, room_bytes = size_of(payload), self._receive_bytes - self.unread_bytes
        if size_bytes <= room_bytes:
            part: Payload = self.waiting.popleft()
            taken_bytes = size_bytes
        elif room_bytes * 2 >= self._receive_bytes:
            part, self.waiting[0] = _split(payload, room_bytes)
            taken_bytes = room_bytes
        else:
            return None
        self._waiting_bytes -= taken_bytes
        self.unread_bytes += taken_bytes
        return part

    def forget_unwritten(self) -> None:
        """The process is gone, or closed its end: only what the kernel has taken is still sent."""
        while self._waiting_bytes > self._send_bytes:
            last = self.waiting.pop()
            kept_bytes = size_of(last) - (self._waiting_bytes - self._send_bytes)
            self._waiting_bytes -= size_of(last)
            if kept_bytes > 0:
                self.put(_split(last, kept_bytes)[0])

    def clear(self) -> None:
        """Nothing is sent any more."""
        self.waiting.clear()
        self._waiting_bytes = 0


def size_of(payload: Payload) -> int:
    """Give the bytes that a payload takes in a buffer."""
    return len(payload) if isinstance(payload, bytes) else payload[1]


def _split(payload: Payload, at_bytes: int) -> tuple[Payload, Payload]:
    if isinstance(payload, bytes):
        return payload[:at_bytes], payload[at_bytes:]
    message, size_bytes = payload
    return (None, at_bytes), (message, size_bytes - at_bytes)
