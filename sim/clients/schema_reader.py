"""A reader that makes values of what it is given, by the schemas that a registry tells it: it hands on what it has read in order."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.errors import ProducerError, SchemaRegistryError, SerializationError
from producer.records import TopicPartition
from producer.schemas.schema import InvalidSchemaError
from producer.serialization.schema_deserializer import SchemaDeserializer
from producer.serialization.serializer import Role
from producer.serialization.shown import json_text
from producer.serialization.wire_format import unframe
from sim.clients.reader import SimReader, read_event
from sim.clients.virtual_driver import Gate
from sim.trace.events import ReaderMoved, RecordDecoded, RecordUnreadable, VersionDeployed
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    import simpy

    from producer.schemas.schema import Schema
    from producer.serialization.schema_deserializer import Decoded
    from sim.clients.access import Access
    from sim.clients.consumer import ConsumedRecord, ReadSettings
    from sim.clients.dead_letters import SimDeadLetters
    from sim.clients.schema_questions import SchemaQuestions
    from sim.clients.virtual_driver import SomeCluster
    from sim.world.network import Host

    Story = Generator[simpy.Event, Any, None]

AGAIN_US = SECOND_US
"""After that long a registry that did not answer is asked once more: nothing is known of the record."""

STOP = "stop"
"""Of what may become of a record that cannot be read: nothing behind it is read. Else it is passed over, as a dead letter or without a word."""


class _Move(NamedTuple):
    """Reading goes on elsewhere."""

    offset: int
    why: str


class _Lane:
    """What was fetched of one partition and is not handed on yet."""

    def __init__(self, where: TopicPartition) -> None:
        self.where = where
        self.steps: deque[ConsumedRecord | _Move] = deque()
        self.stuck = ""
        """Why nothing goes on, if the reader stops at the first of them."""
        self.told = (-1, 0)
        """The record, and the version of the code, that was told of as unreadable last."""

    @property
    def first_offset(self) -> int:
        """Of the first record that waits; -1 if none does."""
        return next((step.offset for step in self.steps if not isinstance(step, _Move)), -1)

    def begins_with(self, record: ConsumedRecord) -> bool:
        """Whether it is the next one still."""
        return bool(self.steps) and self.steps[0] is record

    def cut(self, offset: int) -> None:
        """What was fetched from there on is in the log no more."""
        self.steps = deque(step for step in self.steps if isinstance(step, _Move) or step.offset < offset)
        if self.first_offset < 0:
            self.stuck = ""


class SchemaReader(SimReader):
    """Reads one topic and decodes it, partition by partition. `deploy` is its next version, which goes on where this one stands."""

    def __init__(
        self,
        cluster: SomeCluster,
        topic: str,
        *,
        name: str,
        begin: str,
        reading: ReadSettings | None,
        unreadable: str,
        questions: Callable[[str, Host], SchemaQuestions],
        letters: SimDeadLetters | None,
        access: Access | None = None,
    ) -> None:
        """Begin now; `deploy` says by which schema. `letters` take what is a dead letter, `questions` gives its way to the registry."""
        self._lanes: dict[TopicPartition, _Lane] = {}
        self._stories: list[simpy.Process] = []
        self._woken = Gate(cluster.world)
        self._unreadable = unreadable
        self._letters = letters
        self._version = 0
        self._deserializer = SchemaDeserializer()
        super().__init__(cluster, topic, name=name, begin=begin, reading=reading, access=access)
        self._questions = questions(name, cluster.network.host(name))

    def deploy(self, version: int, schema: Schema | None) -> None:
        """Run a version of the code, which remembers no schema; what the last one stopped at is tried again.

        `schema` is what it wants to be given; None: each as it was written.
        """
        self._version = version
        self._deserializer = SchemaDeserializer(reader=schema)
        text, kind = ("", "") if schema is None else (schema.text, str(schema.type))
        told = VersionDeployed(
            self._cluster.world.now_us, self.name, version, self.topic, self._questions.url, kind, text
        )
        self._cluster.trace.emit(told)
        for lane in self._lanes.values():
            lane.stuck = ""
        self._woken.open()

    @property
    def positions(self) -> dict[TopicPartition, int]:
        """The offset that is handed on next, by partition; -1 where it is not known yet."""
        waiting = {where: lane.first_offset for where, lane in self._lanes.items()}
        return {
            where: fetched if waiting.get(where, -1) < 0 else waiting[where]
            for where, fetched in self._consumer.positions().items()
        }

    def has_read(self, ends: Mapping[TopicPartition, int]) -> bool:
        """Whether it stands at these ends, or at what it cannot read and will not pass over."""
        positions = self.positions
        return all(
            positions.get(tp, -1) == end or bool(tp in self._lanes and self._lanes[tp].stuck)
            for tp, end in ends.items()
            if tp.topic == self.topic
        )

    def end(self) -> None:
        """Read no more, and leave the network. Nothing may follow."""
        for story in self._stories:
            self._cluster.world.end_story(story)
        self._questions.leave()
        if self._letters is not None:
            self._letters.leave()
        super().end()

    def _why_ended(self, partition: TopicPartition) -> str:
        lane = self._lanes.get(partition)
        return lane.stuck if lane is not None and lane.stuck else super()._why_ended(partition)

    # -- what comes in -------------------------------------------------------------------------------------------------

    def _tell_records(self) -> None:
        for one in self._consumer.take_records():
            self._lane(TopicPartition(one.topic, one.partition)).steps.append(one)
        self._woken.open()

    def _moved(self, partition: TopicPartition, offset: int, why: str) -> None:
        self._tell_records()
        lane = self._lane(partition)
        lane.cut(offset)
        lane.steps.append(_Move(offset, why))
        self._woken.open()

    def _lane(self, where: TopicPartition) -> _Lane:
        lane = self._lanes.get(where)
        if lane is None:
            lane = self._lanes[where] = _Lane(where)
            self._stories.append(self._cluster.world.story(self._work(lane)))
        return lane

    # -- what is made of it --------------------------------------------------------------------------------------------

    def _work(self, lane: _Lane) -> Story:
        while True:
            while not lane.steps or lane.stuck:
                yield from self._woken.wait()
            step = lane.steps[0]
            if isinstance(step, _Move):
                lane.steps.popleft()
                self._cluster.trace.emit(
                    ReaderMoved(self._cluster.world.now_us, self.name, *lane.where, step.offset, step.why)
                )
            else:
                yield from self._take(lane, step)

    def _take(self, lane: _Lane, record: ConsumedRecord) -> Story:
        """Hand one record on, or do about it what is done about what cannot be read."""
        version = self._version
        error: ProducerError | None = None
        decoded: Decoded | None = None
        if record.value is not None:
            decode = partial(self._deserializer.decode, record.topic, list(record.headers), record.value)
            try:
                decoded = yield from self._questions.known(decode)
            except (SerializationError, InvalidSchemaError, SchemaRegistryError) as refused:
                error = refused
        if isinstance(error, SchemaRegistryError) and error.is_retriable:
            yield self._cluster.world.timeout(AGAIN_US)
        elif self._version != version or not lane.begins_with(record):
            return  # another version has to try, or the record is no more
        elif error is None:
            self._hand_on(lane, record)
            if decoded is not None:
                self._tell_decoded(record, decoded)
        else:
            yield from self._cannot_read(lane, record, error)

    def _cannot_read(self, lane: _Lane, record: ConsumedRecord, error: ProducerError) -> Story:
        version = self._version
        if lane.told != (record.offset, version):
            lane.told = (record.offset, version)
            self._tell_unreadable(record, error)
        if self._unreadable == STOP:
            lane.stuck = f"offset {record.offset} cannot be read: {error}"
        elif self._letters is None:
            self._hand_on(lane, record)
        elif not (yield from self._letters.put(record, error)):
            yield self._cluster.world.timeout(AGAIN_US)
        elif self._version == version and lane.begins_with(record):
            self._hand_on(lane, record)

    def _hand_on(self, lane: _Lane, record: ConsumedRecord) -> None:
        lane.steps.popleft()
        self._cluster.trace.emit(read_event(self._cluster.world.now_us, self.name, record))

    def _tell_decoded(self, record: ConsumedRecord, decoded: Decoded) -> None:
        place = (record.topic, record.partition, record.offset, self._version)
        made = (str(decoded.schema), decoded.name, json_text(decoded.value))
        self._cluster.trace.emit(RecordDecoded(self._cluster.world.now_us, self.name, *place, *made))

    def _tell_unreadable(self, record: ConsumedRecord, error: ProducerError) -> None:
        place = (record.topic, record.partition, record.offset, self._version)
        found = (_key(record), str(error), self._unreadable)
        self._cluster.trace.emit(RecordUnreadable(self._cluster.world.now_us, self.name, *place, *found))


def _key(record: ConsumedRecord) -> str:
    """By what a record names its schema; empty if it names none."""
    try:
        return str(unframe(Role.VALUE, list(record.headers), record.value or b"").key)
    except SerializationError:
        return ""
