"""A member of a group whose application polls: it is given records when it has time for them, and says itself what is done."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from producer.records import ConsumerGroupMetadata, TopicPartition
from sim.clients.group_reader import SimGroupReader
from sim.clients.reader import read_event
from sim.clients.virtual_driver import Gate
from sim.trace.events import ReaderMoved

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    import simpy

    from sim.clients.access import Access
    from sim.clients.consumer import ConsumedRecord, ReadSettings
    from sim.clients.consumer.group import Protocol
    from sim.clients.virtual_driver import SomeCluster
    from sim.world.network import Host


class _Moved(NamedTuple):
    """What follows was read from another offset on."""

    partition: TopicPartition
    offset: int
    why: str


class PolledMember(SimGroupReader):
    """A member on the host of a producer: enable.auto.commit=false. What it was given is in the trace, what it fetched is not.

    Between `poll` and `finish` it gives nothing up of its own accord: Kafka's consumers rebalance when they are polled.
    """

    def __init__(
        self,
        cluster: SomeCluster,
        topic: str,
        group: str,
        *,
        name: str,
        host: Host,
        protocol: Protocol = "classic",
        begin: str = "earliest",
        reading: ReadSettings | None = None,
        access: Access | None = None,
    ) -> None:
        """Join now, from the `host` of the same process's producer."""
        self._queue: deque[ConsumedRecord | _Moved] = deque()
        self._heard = Gate(cluster.world)
        super().__init__(
            cluster,
            topic,
            group,
            name=name,
            protocol=protocol,
            begin=begin,
            reading=reading,
            host=host,
            commits_by_itself=False,
            access=access,
        )

    @property
    def positions(self) -> dict[TopicPartition, int]:
        """The offset that its application is given next, by partition; -1 where it is not known yet."""
        positions = self._consumer.positions()
        for one in reversed(self._queue):
            if not isinstance(one, _Moved):
                positions[TopicPartition(one.topic, one.partition)] = one.offset
        return positions

    @property
    def metadata(self) -> ConsumerGroupMetadata:
        """Who it is in its group now (KIP-447)."""
        return ConsumerGroupMetadata(self.group, self._member.epoch, self._member.member_id)

    @property
    def is_committing(self) -> bool:
        """Whether what `commit` was given has no answer yet."""
        return self._member.is_committing

    def poll(self, records_max: int) -> list[ConsumedRecord]:
        """Take so many records at most; none, if none is there. Whoever took some says `finish` when it is done with them."""
        given: list[ConsumedRecord] = []
        now_us = self._now_us()
        while self._queue and len(given) < records_max:
            one = self._queue.popleft()
            if isinstance(one, _Moved):
                self._emit(ReaderMoved(now_us, self.name, *one.partition, one.offset, one.why))
            else:
                self._emit(read_event(now_us, self.name, one))
                given.append(one)
        if given:
            self._member.hold()
        return given

    def finish(self) -> None:
        """Be ready for `poll`, and for what the group wants meanwhile."""
        self._member.release(self._now_us())
        self._advance()

    def rewind(self) -> None:
        """Be given again what is behind the group's position: what was polled since came to nothing."""
        self._queue.clear()
        self._member.rewind(self._now_us())
        self._advance()

    def commit(self, positions: Mapping[TopicPartition, int]) -> None:
        """Ask the group to remember these (OffsetCommit)."""
        self._member.commit(positions)
        self._advance()

    def wait(self, until_us: int | None = None) -> Generator[simpy.Event, object, bool]:
        """Wait for the next thing that it hears; gives False if `until_us` came first."""
        return self._heard.wait(until_us)

    def wake(self) -> None:
        """Let its application look at what else there is to do."""
        self._heard.open()

    def abandon(self) -> None:
        """Its process is gone, without a word."""
        self.is_over = True

    def given_up(self, member: str, partition: TopicPartition, why: str) -> None:
        """It has a partition no more, nor what it fetched of it."""
        self._queue = deque(one for one in self._queue if _place(one) != partition)
        super().given_up(member, partition, why)

    def _advance(self) -> None:
        if not self.is_over:
            self._consumer.timer_fired(self._now_us())
            self._driver.attend()

    def _moved(self, partition: TopicPartition, offset: int, why: str) -> None:
        # What was read before is told before.
        self._tell_records()
        self._queue.append(_Moved(partition, offset, why))

    def _tell_records(self) -> None:
        self._queue.extend(self._consumer.take_records())

    def _listen(self) -> None:
        super()._listen()
        self._heard.open()


def _place(one: ConsumedRecord | _Moved) -> TopicPartition:
    return one.partition if isinstance(one, _Moved) else TopicPartition(one.topic, one.partition)
