"""A machine's storage: directories of files, entries in the page cache, fsync, and what a lossy crash leaves of them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sim.world.kernel import Call
    from sim.world.network.host import Host

Entry = TypeVar("Entry")


class DiskFile(Generic[Entry]):
    """An append-only file of entries. `flushed` counts those that a loss of power leaves."""

    __slots__ = ("entries", "flushed", "is_unsynced")

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.flushed = 0
        self.is_unsynced = False
        """Whether the disk says that it has flushed what it has not."""

    def append(self, entry: Entry) -> None:
        """Write one entry into the page cache."""
        self.entries.append(entry)

    def truncate(self, length: int) -> None:
        """Cut the file to its first `length` entries, durably: recovery never sees the rest again."""
        del self.entries[length:]
        self.flushed = min(self.flushed, length)

    def fsync(self) -> None:
        """Make every entry durable, if the disk does what it is asked."""
        if not self.is_unsynced:
            self.flushed = len(self.entries)

    def lose_unflushed(self) -> None:
        """The power failed: entries after the last fsync are gone."""
        del self.entries[self.flushed :]


class Directory:
    """Files under one mount point, on a device of their own. One that has failed takes nothing any more, and keeps what it has."""

    __slots__ = ("files", "is_failed")

    def __init__(self) -> None:
        self.files: dict[str, Any] = {}
        """A `DiskFile` each, of the kind that goes by such a name."""
        self.is_failed = False
        """Whether every write ends in an error of input and output."""

    def file(self, name: str) -> DiskFile[Any]:
        """Return the file of that name, made empty when there is none."""
        found = self.files.get(name)
        if found is None:
            found = self.files[name] = DiskFile()
        return found

    def wipe(self) -> None:
        """Lose every file, and work: the device was replaced."""
        self.files.clear()
        self.is_failed = False


class Disk:
    """A machine's directories, with a queue of one writer. Files survive a crash of the process; `lose_unflushed` is the power cut."""

    def __init__(
        self,
        host: Host,
        *,
        append_us: int = 20,
        fsync_us: int = 2_000,
        bandwidth_bytes_s: int = 500_000_000,
        directories: int = 1,
    ) -> None:
        self._host = host
        self._busy_until_us = 0
        self._slowness = 1
        self._given: deque[Call] = deque()
        """What it was given and is not through with, in that order; those that were done meanwhile go with the next."""
        self.append_us = append_us
        self.fsync_us = fsync_us
        self.bandwidth_bytes_s = bandwidth_bytes_s
        self.directories = tuple(Directory() for _ in range(directories))

    def write(self, now_us: int, size_bytes: int, then: Callable[..., object], *args: Any) -> None:
        """Take the time that appending `size_bytes` takes, then call `then(*args)` on the host."""
        self._occupy(now_us, self.append_us + size_bytes * SECOND_US // self.bandwidth_bytes_s, then, *args)

    def fsync(self, now_us: int, file: DiskFile[Any], then: Callable[..., object], *args: Any) -> None:
        """Flush one file, then call `then(*args)` on the host. What is appended meanwhile is flushed with it."""
        # The file as it is opened now: another may have its name when the flush is over.
        self._occupy(now_us, self.fsync_us, self._flushed, file, then, args)

    @property
    def slowness(self) -> int:
        """Factor on every duration, at least 1: a slow disk is one fault among others."""
        return self._slowness

    def set_slowness(self, now_us: int, slowness: int) -> None:
        """Be so many times as slow from now on, with what is left of the work that it was given before, too."""
        if slowness == self._slowness:
            return
        given = [call for call in self._given if call.due_us > now_us]
        # As Linux does when a volume gets another limit: what waits for its turn, or has some of it, goes on by the new one.
        self._given = deque([
            call.moved(now_us + -(-(call.due_us - now_us) * slowness // self._slowness)) for call in given
        ])  # fmt: skip
        if given:
            self._busy_until_us = self._given[-1].due_us
        self._slowness = slowness

    def power_on(self) -> None:
        """Forget what a former process had queued: it went with that process."""
        self._busy_until_us = 0
        self._given.clear()

    def lose_unflushed(self) -> None:
        """Leave of each file what was flushed."""
        for file in self._files():
            file.lose_unflushed()

    def sync_again(self) -> None:
        """Let every flush be one, from the next one on."""
        for file in self._files():
            file.is_unsynced = False

    def wipe(self) -> None:
        """Lose every file: the machine was replaced."""
        for directory in self.directories:
            directory.wipe()

    def _files(self) -> Iterator[DiskFile[Any]]:
        for directory in self.directories:
            yield from directory.files.values()

    def _flushed(self, file: DiskFile[Any], then: Callable[..., object], args: tuple[Any, ...]) -> None:
        file.fsync()
        then(*args)

    def _occupy(self, now_us: int, duration_us: int, then: Callable[..., object], *args: Any) -> None:
        done_us = max(now_us, self._busy_until_us) + duration_us * self._slowness
        self._busy_until_us = done_us
        given = self._given
        while given and given[0].due_us <= now_us:
            given.popleft()
        given.append(self._host.call_in(done_us - now_us, then, *args))
