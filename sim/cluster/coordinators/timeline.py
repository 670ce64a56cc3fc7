"""State that has two readers: who writes sees the newest, who only reads sees what is committed (Kafka's TimelineHashMap).

A change belongs to the record that brings it, by that record's offset. It is committed when the high watermark is beyond
that, and taken back when the record could not be appended.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Key = TypeVar("Key")
Value = TypeVar("Value")


class _Change(NamedTuple):
    offset: int
    commit: Callable[[], None]
    take_back: Callable[[], None]


class Timeline:
    """The changes of all maps of one coordinator that are not committed yet, in their order."""

    __slots__ = ("_changes", "next_offset")

    def __init__(self) -> None:
        self._changes: deque[_Change] = deque()
        self.next_offset = 0
        """The offset of the record to which the next change belongs."""

    def note(self, commit: Callable[[], None], take_back: Callable[[], None]) -> None:
        """Keep a change until it is decided."""
        self._changes.append(_Change(self.next_offset, commit, take_back))

    def commit(self, high_watermark: int) -> None:
        """Everything below the high watermark is committed."""
        changes = self._changes
        while changes and changes[0].offset < high_watermark:
            changes.popleft().commit()

    def take_back(self, from_offset: int) -> None:
        """Undo what belongs to records from that offset on, the newest first."""
        changes = self._changes
        while changes and changes[-1].offset >= from_offset:
            changes.pop().take_back()


class TimelineMap(Generic[Key, Value]):
    """A map with its newest entries, and with those that are committed. Both keep the order of arrival."""

    __slots__ = ("_committed", "_newest", "_timeline")

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._newest: dict[Key, Value] = {}
        self._committed: dict[Key, Value] = {}

    def get(self, key: Key, *, is_committed: bool = False) -> Value | None:
        """Give the entry; None if there is none."""
        return (self._committed if is_committed else self._newest).get(key)

    def __contains__(self, key: Key) -> bool:
        """Whether there is an entry, committed or not."""
        return key in self._newest

    def items(self, *, is_committed: bool = False) -> Iterator[tuple[Key, Value]]:
        """Give the entries as they are now, so that whoever goes through them may change them."""
        return iter(tuple((self._committed if is_committed else self._newest).items()))

    def put(self, key: Key, value: Value) -> None:
        """Set an entry."""
        before = self._newest.get(key)
        self._newest[key] = value
        self._timeline.note(lambda: _set(self._committed, key, value), lambda: _set(self._newest, key, before))

    def remove(self, key: Key) -> None:
        """Let an entry be gone, if there is one."""
        before = self._newest.pop(key, None)
        if before is not None:
            self._timeline.note(lambda: _set(self._committed, key, None), lambda: _set(self._newest, key, before))


class TimelineValue(Generic[Value]):
    """One value with its newest state, and with the one that is committed."""

    __slots__ = ("_committed", "_newest", "_timeline")

    def __init__(self, timeline: Timeline, value: Value) -> None:
        self._timeline = timeline
        self._newest = value
        self._committed = value

    def get(self, *, is_committed: bool = False) -> Value:
        """Give the value."""
        return self._committed if is_committed else self._newest

    def put(self, value: Value) -> None:
        """Set it."""
        before = self._newest
        self._newest = value
        self._timeline.note(lambda: self._set_committed(value), lambda: self._set_newest(before))

    def _set_committed(self, value: Value) -> None:
        self._committed = value

    def _set_newest(self, value: Value) -> None:
        self._newest = value


def _set(entries: dict[Key, Value], key: Key, value: Value | None) -> None:
    if value is None:
        entries.pop(key, None)
    else:
        entries[key] = value
