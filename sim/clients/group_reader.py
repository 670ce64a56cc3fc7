"""A member of a group in virtual time: it reads its share of a topic, on a host of its own, and its words are in the trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.clients.consumer import Consumer, Isolation, ReadSettings
from sim.clients.consumer.group import GroupMember, MemberSettings
from sim.clients.reader import BEGIN, emit_records
from sim.clients.virtual_driver import VirtualDriver
from sim.trace.events import (
    CommitAnswered,
    GroupMemberBegan,
    GroupMemberHeard,
    GroupMemberLeft,
    PartitionAssigned,
    PartitionGivenUp,
    PositionCommitted,
    PositionFetched,
    ReaderEnded,
    ReaderIsolated,
    ReaderMoved,
)

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.clients.access import Access
    from sim.clients.consumer.group import Protocol
    from sim.clients.virtual_driver import SomeCluster
    from sim.world.network import Host

ENDED = "ended"
"""Why it has a partition no more: the run is over."""


class SimGroupReader:
    """Reads what its group gives it of one topic, until it is told to end."""

    def __init__(
        self,
        cluster: SomeCluster,
        topic: str,
        group: str,
        *,
        name: str,
        protocol: Protocol = "classic",
        begin: str = "earliest",
        reading: ReadSettings | None = None,
        host: Host | None = None,
        commits_by_itself: bool = True,
        access: Access | None = None,
    ) -> None:
        """Join now, from a host called `name`. `begin` is `earliest` or `latest`: where the group has no position.

        `host` is another client's of the same process. Who does not commit by itself is told what to commit.
        """
        self.name = name
        self.topic = topic
        self.group = group
        self.is_over = False
        """Whether it has left its group and the network."""
        self._cluster = cluster
        world = cluster.world
        self._emit = cluster.trace.emit
        self._consumer = Consumer(
            bootstrap=cluster.bootstrap if access is None else access.bootstrap,
            sasl=None if access is None else access.sasl,
            client_id=name,
            reading=reading,
            chance=world.chance(f"client/{name}" if host is None else f"client/{name}/reader"),
            now_us=world.now_us,
            on_moved=self._moved,
        )
        self._emit(GroupMemberBegan(world.now_us, name, group, topic, protocol, begin))
        if reading is not None and reading.isolation is Isolation.READ_COMMITTED:
            self._emit(ReaderIsolated(world.now_us, name, topic))
        self._member = GroupMember(
            self._consumer,
            MemberSettings(group, (topic,), protocol, BEGIN[begin], commits_by_itself=commits_by_itself),
            chance=world.chance(f"client/{name}/group"),
            witness=self,
            now_us=world.now_us,
        )
        self._driver = VirtualDriver(
            cluster, host or cluster.network.add_host(name), self._consumer, self._listen, is_second=host is not None
        )
        self._driver.attend()

    @property
    def has_failed(self) -> bool:
        """Whether it can never read anything."""
        return self._consumer.error is not None

    @property
    def is_settled(self) -> bool:
        """Whether it has all that its group wants it to have, and reads it."""
        return self._member.is_settled

    @property
    def positions(self) -> dict[TopicPartition, int]:
        """The offset that is read next, by partition; -1 where it is not known yet."""
        return self._consumer.positions()

    def end(self) -> None:
        """Read no more, and leave the network without a word. Nothing may follow."""
        if self.is_over:
            return
        self.is_over = True
        now_us = self._now_us()
        error = "" if self._consumer.error is None else str(self._consumer.error)
        for (topic, partition), position in self.positions.items():
            self._emit(ReaderEnded(now_us, self.name, topic, partition, position, error))
        for owned in self._member.owned:
            self._emit(PartitionGivenUp(now_us, self.name, self.group, self._member.member_id, *owned, ENDED))
        self._leave()

    def close(self) -> None:
        """End in good order: commit, give up all, leave the group. It takes as long as the coordinator takes."""
        self._member.leave()
        self._consumer.timer_fired(self._now_us())
        self._driver.attend()

    # -- as a witness --------------------------------------------------------------------------------------------------

    def heard(self, member: str, epoch: int, sent_us: int) -> None:
        """The coordinator said that it is a member."""
        self._emit(GroupMemberHeard(self._now_us(), self.name, self.group, member, epoch, sent_us))

    def assigned(self, member: str, epoch: int, partition: TopicPartition) -> None:
        """It was given a partition."""
        self._emit(PartitionAssigned(self._now_us(), self.name, self.group, member, epoch, *partition))

    def given_up(self, member: str, partition: TopicPartition, why: str) -> None:
        """It has a partition no more."""
        self._emit(PartitionGivenUp(self._now_us(), self.name, self.group, member, *partition, why))

    def committing(self, commit: int, partition: TopicPartition, offset: int) -> None:
        """It asks for a position to be remembered."""
        self._emit(PositionCommitted(self._now_us(), self.name, self.group, commit, *partition, offset))

    def committed(self, commit: int, partition: TopicPartition, offset: int, code: int) -> None:
        """It was told what became of that."""
        self._emit(CommitAnswered(self._now_us(), self.name, self.group, commit, *partition, offset, code))

    def fetched(self, partition: TopicPartition, offset: int, sent_us: int) -> None:
        """It was told the group's position."""
        self._emit(PositionFetched(self._now_us(), self.name, self.group, *partition, offset, sent_us))

    def _moved(self, partition: TopicPartition, offset: int, why: str) -> None:
        # What was read before is told before.
        self._tell_records()
        self._emit(ReaderMoved(self._now_us(), self.name, *partition, offset, why))

    def _tell_records(self) -> None:
        emit_records(self._cluster, self.name, self._consumer)

    def _listen(self) -> None:
        self._tell_records()
        if self._member.has_left and not self.is_over:
            self.is_over = True
            self._emit(GroupMemberLeft(self._now_us(), self.name, self.group))
            # Not from within: whoever calls has yet to set a timer.
            self._cluster.world.call_in(0, self._leave)

    def _leave(self) -> None:
        self._consumer.close(self._now_us())
        self._driver.attend()
        self._driver.leave()

    def _now_us(self) -> int:
        return self._cluster.world.now_us
