"""`buffer.memory`: bytes promised to open batches, and who waits for some, first come first served (BufferPool)."""

from __future__ import annotations

from collections import OrderedDict


class Wait:
    """A place in the queue for room. Give it back to `reserve`, or `leave` it."""

    __slots__ = ("is_for_record", "partition", "since_us", "size_bytes")

    def __init__(self, size_bytes: int) -> None:
        self.size_bytes = size_bytes
        self.is_for_record = True
        """False for a question: what is not sent is no error of a record."""
        self.partition: int | None = None
        """What was chosen for the record that waits, which is not asked for again."""
        self.since_us = 0
        """Since when somebody waits here without having tried again; the engine sets it."""


class BufferPool:
    """Counts bytes; the first who waits is served first, even if a smaller wish behind it would fit."""

    __slots__ = ("_queue", "free_bytes", "total_bytes")

    def __init__(self, total_bytes: int) -> None:
        self._queue: OrderedDict[Wait, None] = OrderedDict()
        """Ordered, and each place found at once: thousands may wait, and all of them ask again whenever there is room."""
        self.total_bytes = total_bytes
        self.free_bytes = total_bytes

    @property
    def has_waiters(self) -> bool:
        return bool(self._queue)

    @property
    def waiters(self) -> int:
        return len(self._queue)

    def reserve(self, size_bytes: int, wait: Wait | None = None) -> Wait | None:
        """Take `size_bytes`, or return the place to wait at. Give that place back when you ask again."""
        is_first = not self._queue or next(iter(self._queue)) is wait
        if is_first and size_bytes <= self.free_bytes:
            if wait is not None:
                self.leave(wait)
            self.free_bytes -= size_bytes
            return None
        if wait is None:
            wait = Wait(size_bytes)
        self._queue.setdefault(wait)
        return wait

    def leave(self, wait: Wait) -> None:
        """Give up waiting; leaving twice does nothing."""
        self._queue.pop(wait, None)

    def recount(self, reserved_bytes: int) -> None:
        """Begin anew with so many bytes reserved, and nobody waiting: whoever still does will ask again."""
        self.free_bytes = self.total_bytes - reserved_bytes
        self._queue.clear()

    def release(self, size_bytes: int) -> None:
        """Give `size_bytes` back."""
        self.free_bytes += size_bytes
        assert self.free_bytes <= self.total_bytes, "more bytes released than were reserved"
