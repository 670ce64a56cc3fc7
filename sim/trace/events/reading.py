"""What a reader does: where it begins and goes on, each record that it is given, and where it ends."""

from __future__ import annotations

from typing import NamedTuple

from producer.records import Headers


class ReaderBegan(NamedTuple):
    """Somebody began to read a whole topic, the partitions that are added to it included."""

    at_us: int
    client: str
    topic: str
    begin: str
    """Where in each partition: `earliest` or `latest`."""


class ReaderIsolated(NamedTuple):
    """Who just began to read is to be given nothing of a transaction before it is committed (isolation.level=read_committed)."""

    at_us: int
    client: str
    topic: str


class ReaderMoved(NamedTuple):
    """A reader goes on from an offset that it did not get to by reading."""

    at_us: int
    client: str
    topic: str
    partition: int
    offset: int
    why: str
    """`begins`, `offset out of range`, or `log was cut` (KIP-320)."""


class RecordRead(NamedTuple):
    """A reader was given a record."""

    at_us: int
    client: str
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp_ms: int = -1
    headers: Headers = ()
    leader_epoch: int = -1
    """Of the batch that it came in: the epoch of the leader that first appended it; -1 where nobody said."""
    timestamp_type: str = "CreateTime"
    """Or `LogAppendTime`: the time is the leader's."""


class ReaderEnded(NamedTuple):
    """A reader reads a partition no more."""

    at_us: int
    client: str
    topic: str
    partition: int
    position: int
    """The offset that it would have read next; -1 if it never knew where to begin."""
    error: str
    """Why it could not go on; empty if nobody kept it from it."""
