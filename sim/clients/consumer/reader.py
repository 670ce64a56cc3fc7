"""How far one partition was read: one state table (org.apache.kafka.clients.consumer.internals.SubscriptionState)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.last_seen import NO_EPOCH
from producer.transitions import Symbol, move

if TYPE_CHECKING:
    from producer.client.last_seen import Leader
    from producer.records import TopicPartition


BEGINS = "begins"
OUT_OF_RANGE = "offset out of range"
LOG_CUT = "log was cut"
"""Why a reader goes on from an offset that it did not get to by reading; the last by OffsetForLeaderEpoch (KIP-320)."""


class ReadState(Symbol):
    SEEKING = "seeking"
    """The offset to begin at, or to end at, is not known yet."""
    ASKED = "asked"
    """A request about it is under way."""
    READING = "reading"
    CHECKING = "checking"
    """A new leader is asked whether its log still holds what was read."""
    FETCHING = "fetching"
    """A Fetch for it is under way."""
    AT_END = "at end"
    STOPPED = "stopped"
    """What comes next is corrupt: nothing more is asked for it until somebody seeks."""


class ReadInput(Symbol):
    ASK = "ask"
    FOUND = "found"
    CHECK = "check"
    FETCH = "fetch"
    FETCHED = "fetched"
    RETRY = "retry"
    SEEK_AGAIN = "seek again"
    FINISH = "finish"
    STOP = "stop"


TRANSITIONS: dict[tuple[ReadState, ReadInput], ReadState] = {
    (ReadState.SEEKING, ReadInput.ASK): ReadState.ASKED,
    (ReadState.ASKED, ReadInput.FOUND): ReadState.READING,
    (ReadState.ASKED, ReadInput.RETRY): ReadState.SEEKING,
    (ReadState.READING, ReadInput.CHECK): ReadState.CHECKING,
    (ReadState.CHECKING, ReadInput.FOUND): ReadState.READING,
    (ReadState.CHECKING, ReadInput.RETRY): ReadState.READING,
    (ReadState.CHECKING, ReadInput.SEEK_AGAIN): ReadState.SEEKING,
    (ReadState.READING, ReadInput.FETCH): ReadState.FETCHING,
    (ReadState.READING, ReadInput.FINISH): ReadState.AT_END,
    (ReadState.FETCHING, ReadInput.FETCHED): ReadState.READING,
    (ReadState.FETCHING, ReadInput.RETRY): ReadState.READING,
    (ReadState.FETCHING, ReadInput.SEEK_AGAIN): ReadState.SEEKING,
    (ReadState.FETCHING, ReadInput.STOP): ReadState.STOPPED,
}


class PartitionReader:
    """One partition for as long as it is read from one place: who seeks begins with another reader.

    So an answer that was under way meanwhile finds its reader gone, and changes nothing.
    """

    __slots__ = ("begin_at", "checked_for", "end_offset", "failures", "led_by", "not_before_us", "number", "partition",
                 "position", "position_epoch", "state", "wants_end", "why_moves")  # fmt: skip

    def __init__(self, partition: TopicPartition, *, begin_at: int, wants_end: bool, number: int = 0) -> None:
        """Begin at an offset, or at `EARLIEST` or `LATEST`, which are below 0."""
        self.partition = partition
        self.number = number
        """Readers are served in the order in which they were made."""
        self.state = ReadState.SEEKING if begin_at < 0 or wants_end else ReadState.READING
        self.begin_at: int | None = begin_at if begin_at < 0 else None
        """`EARLIEST` or `LATEST` as long as a broker must say which offset that is."""
        self.why_moves = BEGINS
        self.wants_end = wants_end
        """Whether a broker must still say where to stop."""
        self.position = begin_at
        """The offset that is read next."""
        self.position_epoch = NO_EPOCH
        """The leader epoch of the record before it; -1 where nobody said."""
        self.led_by: Leader | None = None
        """The leader whose log is known to hold what was read; None before the first."""
        self.checked_for: Leader | None = None
        """The leader that is being asked."""
        self.end_offset = -1
        """Where to stop; -1 for nowhere."""
        self.failures = 0
        """In a row."""
        self.not_before_us = 0

    def __str__(self) -> str:
        return f"reader of {self.partition}"

    def feed(self, given: ReadInput) -> None:
        """Move on. Raises IllegalTransitionError, changing nothing, if the table has no such move."""
        self.state = move(TRANSITIONS, self.state, given, whose=self)

    def seek_again(self, place: int, why: str) -> None:
        """Ask a broker where to go on: `EARLIEST` or `LATEST`. Feed the input beside it."""
        self.begin_at = place
        self.why_moves = why

    def move_to(self, offset: int, *, epoch: int) -> None:
        """Go on from an offset that a broker named, behind a record of this leader epoch."""
        self.begin_at = None
        self.position = offset
        self.position_epoch = epoch

    def doubts(self, leader: Leader) -> bool:
        """Whether this leader is to be asked first if its log holds what was read. One that nobody asks is believed."""
        if self.led_by is None or self.position_epoch == NO_EPOCH:
            self.led_by = leader
        return self.led_by != leader

    @property
    def has_a_wish(self) -> bool:
        """Whether something is to be asked for it, of its leader."""
        return self.state in (ReadState.SEEKING, ReadState.READING)

    @property
    def is_asked(self) -> bool:
        """Whether an answer is awaited for it."""
        return self.state in (ReadState.ASKED, ReadState.CHECKING, ReadState.FETCHING)

    @property
    def has_reached_its_end(self) -> bool:
        """Whether it is where it was to stop."""
        return 0 <= self.end_offset <= self.position
