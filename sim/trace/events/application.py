"""What an application does and is told: phases, sends and outcomes."""

from __future__ import annotations

from typing import NamedTuple

from producer.records import Headers


class PhaseAwaited(NamedTuple):
    """The application does not begin a phase before something has come, or is so."""

    at_us: int
    client: str
    phase: int
    waits_for: str


class PhaseBegan(NamedTuple):
    """An application entered a phase of its workload."""

    at_us: int
    client: str
    phase: int
    """From 1."""


class PhaseSent(NamedTuple):
    """An application handed over the last record of a phase; verdicts may still be out."""

    at_us: int
    client: str
    phase: int


class PhaseEnded(NamedTuple):
    """Every send of the phase has ended, one way or the other."""

    at_us: int
    client: str
    phase: int


class RecordSent(NamedTuple):
    """The application called send."""

    at_us: int
    client: str
    record: int
    """Number of the record, unique within its client, in the order of its sends."""
    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    timestamp_ms: int = -1
    """CreateTime as the application gave it; -1 where it left that to the producer."""
    partition: int = -1
    """The application's own choice; -1 where it left that to the partitioner."""
    stands_for: bytes | None = None
    """What it is to the business: another record of the topic with the same is the same thing said again; None: nobody said."""


class RecordAcknowledged(NamedTuple):
    """The application was told that its record is written."""

    at_us: int
    client: str
    record: int
    topic: str
    partition: int
    offset: int
    """-1 with acks=0."""
    timestamp_ms: int = -1
    """The record's CreateTime, or the leader's LogAppendTime where the topic has that; -1 where nothing was told."""


class RecordFailed(NamedTuple):
    """The application was told that its record is not, or perhaps not, written."""

    at_us: int
    client: str
    record: int
    topic: str
    partition: int
    """-1 when no partition was chosen yet."""
    code: int
    """Kafka's error code; -1000 when the client gave up before any broker was asked."""
    outcome: str
    """`failed` (certainly not written) or `unknown`."""


class LatencyPromised(NamedTuple):
    """A life of an application begins whose records are to be acknowledged in so long, 99 of 100 of them."""

    at_us: int
    client: str
    p99_us: int
    """From a record's send to its acknowledgement."""


class ApplicationStarted(NamedTuple):
    """A life of an application began: its process, with an engine of its own.

    The first life of a story's only application, which begins with the story, goes without a word.
    """

    at_us: int
    client: str
    application: str
    life: int
    """From 1."""


class ApplicationStopping(NamedTuple):
    """A life of an application was asked to end in good order: it sends nothing new, and closes its producer."""

    at_us: int
    client: str


class ApplicationStopped(NamedTuple):
    """A life that was asked to stop has closed its producer; whatever was open then was given up."""

    at_us: int
    client: str


class ApplicationKilled(NamedTuple):
    """A life of an application ended at once; what it was not told by then it never hears."""

    at_us: int
    client: str


class ApplicationPaused(NamedTuple):
    """A life of an application stands still; its kernel still takes bytes."""

    at_us: int
    client: str


class ApplicationResumed(NamedTuple):
    """A paused life of an application goes on."""

    at_us: int
    client: str


class RecordSentAgain(NamedTuple):
    """The send that follows is one that was made before: by this life, because it failed, or by an earlier one."""

    at_us: int
    client: str
    record: int
    """The number that it has now."""
    first_client: str
    first_record: int
    """Whose send was the first, and its number then."""
