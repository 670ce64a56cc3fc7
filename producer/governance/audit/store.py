"""Where lines of an audit are kept: in a file, each flushed to the disk, or in a topic."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from producer.governance.audit.trail import AuditError, Found, resumed
from producer.records import Record

_CLOSED = -1
"""No file has this number."""


class AuditStore(Protocol):
    """Keeps lines in their order."""

    @property
    def found(self) -> Found:
        """What was there when it was opened."""
        ...

    def append(self, lines: Sequence[bytes]) -> None:
        """Keep lines; they are durable when it returns. Raises AuditError if they may not be."""
        ...

    def close(self) -> None: ...


class AuditFile:
    """One file, with one writer at a time. What a crash left of a last line is cut off, and told in the line with which it goes on."""

    def __init__(self, path: str | Path) -> None:
        """Open a file, or make it. Raises AuditBrokenError for one that is no chain, AuditError for one that cannot be had."""
        self.path = Path(path)
        try:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o640)
        except OSError as error:
            raise AuditError(f"audit {self.path}: {error.strerror}") from error
        try:
            self._lock()
            self.found = resumed(self.path.read_bytes(), f"audit {self.path}")
            os.ftruncate(self._file, self.found.kept_bytes)
            os.fsync(self._file)
            self._sync_folder()
        except OSError as error:
            os.close(self._file)
            raise AuditError(f"audit {self.path}: {error.strerror}") from error
        except AuditError:
            os.close(self._file)
            raise

    def append(self, lines: Sequence[bytes]) -> None:
        """Write lines and flush them. Raises AuditError; what was written in part is cut off by whoever opens it next."""
        data = b"".join(lines)
        try:
            while data:
                data = data[os.write(self._file, data) :]
            os.fsync(self._file)
        except OSError as error:
            raise AuditError(f"audit {self.path}: {error.strerror}") from error

    def close(self) -> None:
        """Let another writer have it. Twice does nothing: the number may be another file's by then."""
        file, self._file = self._file, _CLOSED
        if file != _CLOSED:
            os.close(file)

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AuditError(f"audit {self.path}: somebody else writes it") from error

    def _sync_folder(self) -> None:
        """A file that is new is in its folder only when that is flushed, too."""
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class AuditTopic:
    """One partition of a topic, by a producer of its own with acks=all, which is closed with it. A line is durable once it is acknowledged.

    The lines that are there already are given by whoever read them back: without them the chain begins anew.
    """

    def __init__(self, producer: Any, topic: str, *, partition: int = 0, before: bytes = b"") -> None:
        """`producer` is a `producer.Producer`. Raises AuditBrokenError if `before` is no chain."""
        self._producer = producer
        self._topic = topic
        self._partition = partition
        self.found = resumed(before, f"audit topic {topic}-{partition}")

    def append(self, lines: Sequence[bytes]) -> None:
        """Send lines and wait for all of them. Raises AuditError if one may not be there."""
        futures = [
            self._producer.send_record(Record(self._topic, line.rstrip(b"\n"), None, self._partition)) for line in lines
        ]
        for future in futures:
            if (error := future.exception()) is not None:
                raise AuditError(f"audit topic {self._topic}-{self._partition}: {type(error).__name__}") from error

    def close(self) -> None:
        """Close the producer."""
        self._producer.close()
