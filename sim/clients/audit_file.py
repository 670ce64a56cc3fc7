"""The audit of an application in virtual time: a file that outlives its processes, written and flushed in the time that this takes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.governance.audit.lines import INTENT, OPENED, OUTCOME, Intent, Outcome, Who
from producer.governance.audit.trail import AuditTrail, resumed
from sim.clients.virtual_driver import Gate
from sim.trace.events import AuditLineKept, AuditOpened, AuditRead
from sim.world.disk import Disk, DiskFile

if TYPE_CHECKING:
    from sim.clients.virtual_driver import SomeCluster
    from sim.world.network import Host


class AuditFile:
    """What lies on the disk: bytes, of which a process that ends amid a write leaves a part."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.text = bytearray()
        self.is_held = False
        """Whether a process writes it; another one begins a file of its own."""


class AuditFiles:
    """Every audit of a run, by name."""

    def __init__(self) -> None:
        self._files: dict[str, AuditFile] = {}

    def held_by(self, application: str, client: str) -> AuditFile:
        """Give the application's file to one of its lives; one of its own where another life still has that."""
        file = self._files.setdefault(application, AuditFile(application))
        if file.is_held:
            file = self._files.setdefault(client, AuditFile(client))
        file.is_held = True
        return file

    def read(self, at_us: int) -> list[AuditRead]:
        """Give what lies there."""
        return [AuditRead(at_us, one.name, bytes(one.text)) for one in self._files.values()]


class _Line(NamedTuple):
    data: bytes
    kind: str
    record: int


class AuditKeeper:
    """One life's end of an audit: lines in their order, several to a write and a flush where they come meanwhile."""

    def __init__(self, cluster: SomeCluster, host: Host, client: str, file: AuditFile) -> None:
        """Go on with a file, whatever a life before it left there."""
        self._world, self._trace = cluster.world, cluster.trace
        self._host = host
        self._epoch_us = cluster.epoch_us
        self._client = client
        self._file = file
        self._disk = Disk(host)
        self._flushes: DiskFile[bytes] = DiskFile()
        self._queue: list[_Line] = []
        self._is_busy = False
        self._kept = 0
        self._told = 0
        self._open = 0
        """Intents whose outcome was not told yet."""
        self._heard = Gate(cluster.world)
        found = resumed(bytes(file.text), file.name)
        del file.text[found.kept_bytes :]
        self._trail = AuditTrail(Who(f"User:{file.name}", client, client), found.head)
        told = found.opened
        self._trace.emit(
            AuditOpened(self._world.now_us, client, file.name, told.lines, told.torn_bytes, told.without_outcome)
        )
        self._put(self._trail.opened(self._now_ms, told), OPENED, 0)

    def intend(self, intent: Intent) -> Generator[Any, Any, None]:
        """Tell an intent, and wait until it is durable."""
        self._open += 1
        mark = self._put(self._trail.intent(self._now_ms, intent), INTENT, intent.record)
        yield from self._wait(lambda: self._kept >= mark)

    def intend_all(self, intents: Sequence[Intent], who: Who) -> Generator[Any, Any, None]:
        """Tell intents of somebody whose records pass here, and wait until the last of them is durable."""
        mark = self._kept
        for intent in intents:
            self._open += 1
            mark = self._put(self._trail.intent(self._now_ms, intent, who), INTENT, intent.record)
        yield from self._wait(lambda: self._kept >= mark)

    def tell(self, outcome: Outcome) -> None:
        """Tell an outcome; nobody waits."""
        self._open = max(0, self._open - 1)
        self._put(self._trail.outcome(self._now_ms, outcome), OUTCOME, outcome.record)

    def drained(self) -> Generator[Any, Any, None]:
        """Wait until all that was told is durable."""
        yield from self._wait(lambda: self._kept == self._told)

    def settled(self) -> Generator[Any, Any, None]:
        """Wait until each intent has its outcome, and all that was told is durable."""
        yield from self._wait(lambda: not self._open and self._kept == self._told)

    def leave(self) -> None:
        """The process is gone, or has closed it."""
        self._file.is_held = False

    @property
    def _now_ms(self) -> int:
        return (self._epoch_us + self._host.clock_offset_us + self._world.now_us) // 1_000

    def _put(self, data: bytes, kind: str, record: int) -> int:
        self._queue.append(_Line(data, kind, record))
        self._told += 1
        if not self._is_busy:
            self._write()
        return self._told

    def _write(self) -> None:
        taken, self._queue = self._queue, []
        self._is_busy = True
        data = b"".join(one.data for one in taken)
        # A write that takes its time: who ends within it leaves a part of a line.
        half = len(data) // 2
        self._file.text += data[:half]
        self._disk.write(self._world.now_us, len(data), self._written, data[half:], taken)

    def _written(self, rest: bytes, taken: list[_Line]) -> None:
        self._file.text += rest
        self._disk.fsync(self._world.now_us, self._flushes, self._flushed, taken)

    def _flushed(self, taken: list[_Line]) -> None:
        for one in taken:
            self._trace.emit(AuditLineKept(self._world.now_us, self._client, self._file.name, one.kind, one.record))
        self._kept += len(taken)
        self._is_busy = False
        if self._queue:
            self._write()
        self._heard.open()

    def _wait(self, holds: Callable[[], bool]) -> Generator[Any, Any, None]:
        while not holds():
            yield from self._heard.wait()
