"""One life of an application that reads, processes and writes: poll by poll, what it makes and how far it has read in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.records import ConsumerGroupMetadata, OffsetAndMetadata, Record, TopicPartition
from sim.clients.polled_member import PolledMember
from sim.stories.processing import PROTOCOLS, Processing
from sim.stories.reading import read_settings
from sim.stories.transactional_life import TransactionalLife
from sim.trace.events import RecordDerived
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from producer.errors import Outcome
    from sim.clients.consumer import ConsumedRecord
    from sim.stories.life import Story, Stretch

CLOSE_US_MAX = 30 * SECOND_US
"""How long a consumer that is closed takes to leave its group at most (ConsumerConfig, close)."""


class ProcessingLife(TransactionalLife):
    """A life that makes records of records. It goes on for as long as there may be something to read."""

    _member: PolledMember | None = None
    _is_working = False

    @property
    def _processing(self) -> Processing:
        assert self._application.processing is not None
        return self._application.processing

    @property
    def group(self) -> str:
        """Whose member it is."""
        return self._processing.group

    @property
    def topic(self) -> str:
        """What it reads."""
        return self._processing.topic

    @property
    def is_idle(self) -> bool:
        """Whether it has all that its group gives it, and works on nothing."""
        member = self._member
        return not self._is_working and member is not None and (member.is_settled or member.has_failed)

    @property
    def positions(self) -> Mapping[TopicPartition, int]:
        """The offset that it is given next, by partition."""
        return {} if self._member is None else self._member.positions

    def told(self, number: int, outcome: Outcome) -> None:  # noqa: ARG002 - what it makes counts only together
        """Hear how one of its records ended."""
        self._units.told(outcome)

    def kill(self) -> None:
        """End the process. Raises ValueError if it is over."""
        super().kill()
        if self._member is not None:
            self._member.abandon()

    def end(self) -> None:
        """The run is over."""
        if self._member is not None:
            self._member.end()

    # -- what it does --------------------------------------------------------------------------------------------------

    def _heed_stop(self) -> None:
        """What was polled is brought to its end first."""
        if self._member is not None:
            self._member.wake()

    def _work_through(self, _stretches: Sequence[Stretch]) -> Story:
        words = self._processing
        member = self._member = PolledMember(
            self._cluster,
            words.topic,
            words.group,
            name=self.client,
            host=self._producer.host,
            protocol=PROTOCOLS[words.protocol],
            reading=read_settings("earliest", words.isolation),
            access=self._producer.access,
        )
        while self._may_send():
            given = member.poll(words.records_max)
            if given:
                self._is_working = True
                yield from self._process(member, given)
                self._is_working = False
            else:
                yield from member.wait()
                # A process that stands still hears of it when it goes on.
                yield from self._producer.sleep(0)

    def _process(self, member: PolledMember, given: Sequence[ConsumedRecord]) -> Story:
        words = self._processing
        group = member.metadata if words.gives_metadata else ConsumerGroupMetadata(words.group)
        positions = {TopicPartition(one.topic, one.partition): one.offset + 1 for one in given}
        is_committed = yield from self._units.carry_out(self._make(given, positions, group))
        if is_committed and not self._units.is_transactional:
            member.commit(positions)
            while member.is_committing:
                yield from member.wait()
                yield from self._producer.sleep(0)
        if not is_committed:
            member.rewind()
        member.finish()

    def _make(
        self, given: Sequence[ConsumedRecord], positions: Mapping[TopicPartition, int], group: ConsumerGroupMetadata
    ) -> Story:
        yield from self._derive(given)
        if self._units.is_transactional:
            offsets = {where: OffsetAndMetadata(offset) for where, offset in positions.items()}
            yield from self._units.give_offsets(offsets, group)

    def _derive(self, given: Sequence[ConsumedRecord]) -> Story:
        """Make what is made of these, and send it."""
        words = self._processing
        for one in given:
            if words.work_us:
                yield from self._producer.sleep(words.work_us)
            for part in range(1, words.parts + 1):
                self._sends += 1
                number = self._sends
                self._trace.emit(
                    RecordDerived(
                        self._world.now_us, self.client, number, self.client, one.topic, one.partition, one.offset, part
                    )
                )
                yield from self._producer.send(Record(words.to, made_of(one.value, part), one.key), number)

    def _close(self) -> Story:
        member = self._member
        if member is not None:
            until_us = self._world.now_us + CLOSE_US_MAX
            self._is_working = False
            member.finish()
            member.close()
            while not member.is_over and self._world.now_us < until_us:
                yield from member.wait(until_us)
            if not member.is_over:
                member.end()
        yield from super()._close()


def made_of(value: bytes | None, part: int) -> bytes:
    """Give the value of what is made of a record."""
    return b"%d of %s" % (part, b"nothing" if value is None else value)


def has_processed(lives: Sequence[ProcessingLife], ends: Mapping[TopicPartition, int]) -> bool:
    """Whether the lives of one group are at rest, and one of them stands at the end of each partition that they read."""
    if not all(life.is_idle for life in lives):
        return False
    topics = [life.topic for life in lives]
    positions: dict[TopicPartition, int] = {}
    for life in lives:
        positions |= life.positions
    return all(positions.get(where, -1) == end for where, end in ends.items() if where.topic in topics)
