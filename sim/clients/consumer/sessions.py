"""Fetch sessions: a broker remembers what is fetched, and only changes are said in both directions (KIP-227).

The client's half, as org.apache.kafka.clients.FetchSessionHandler: one session a broker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code
from producer.wire.messages.fetch import FetchPartition

if TYPE_CHECKING:
    from collections.abc import Collection

    from producer.records import TopicPartition

NO_SESSION = 0
"""As an id: there is none."""
FIRST_EPOCH = 0
"""Everything is said, and a session is asked for."""
WITHOUT_EPOCH = -1
"""Everything is said, and no session is wanted."""
EPOCH_MAX = 2**31 - 1


class Wanted(NamedTuple):
    """What is to be fetched of one partition."""

    topic_id: bytes
    fetch: FetchPartition


class Change(NamedTuple):
    """What a request has to say."""

    session_id: int
    epoch: int
    wanted: dict[TopicPartition, Wanted]
    """Everything, or in a session what is new or different in it."""
    forgotten: dict[TopicPartition, bytes]
    """What a session no longer needs, with topic ids."""


class FetchSession:
    """One broker's session, or the wish for one."""

    __slots__ = ("_epoch", "_id", "_said")

    def __init__(self, *, is_wanted: bool) -> None:
        self._id = NO_SESSION
        self._epoch = FIRST_EPOCH if is_wanted else WITHOUT_EPOCH
        self._said: dict[TopicPartition, Wanted] = {}
        """What the broker remembers, if it has a session."""

    @property
    def is_under_way(self) -> bool:
        """Whether the latest request said no more than what had changed."""
        return self._epoch > FIRST_EPOCH

    def change_to(self, wanted: dict[TopicPartition, Wanted]) -> Change:
        """Give what to say so that exactly this is fetched. Then report what came of it."""
        before, self._said = self._said, wanted
        if not self.is_under_way:
            return Change(self._id, self._epoch, wanted, {})
        changed = {partition: one for partition, one in wanted.items() if before.get(partition) != one}
        forgotten = {
            partition: one.topic_id
            for partition, one in before.items()
            # A topic made anew has another id: the partition of the old one is another.
            if partition not in wanted or wanted[partition].topic_id != one.topic_id
        }
        return Change(self._id, self._epoch, changed, forgotten)

    def answered(self, session_id: int, partitions: Collection[TopicPartition]) -> bool:
        """Take what a broker answered. Returns False if it spoke of what it was not asked for: then nothing of it counts."""
        if self._epoch == WITHOUT_EPOCH:
            return True
        if any(partition not in self._said for partition in partitions):
            self.broke_off()
            return False
        if session_id == NO_SESSION:
            # It made none, for it has too many, or ended it.
            self._begin_anew()
        else:
            self._id = session_id
            self._epoch = 1 if self._epoch == EPOCH_MAX else self._epoch + 1
        return True

    def refused(self, code: int) -> None:
        """Take an error of the whole answer."""
        if code == Code.FETCH_SESSION_ID_NOT_FOUND:
            self._begin_anew()
        else:
            self.broke_off()

    def broke_off(self) -> None:
        """Nobody knows what the broker remembers: the next request ends the session, and asks for another one."""
        if self._epoch != WITHOUT_EPOCH:
            self._epoch = FIRST_EPOCH

    def _begin_anew(self) -> None:
        if self._epoch != WITHOUT_EPOCH:
            self._id, self._epoch = NO_SESSION, FIRST_EPOCH
