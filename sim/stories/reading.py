"""Who reads in a run: those whom the story begins, and the consumer that reads everything back at the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sim.clients.access import Access, access_by
from sim.clients.consumer import ReadSettings
from sim.clients.dead_letters import SimDeadLetters
from sim.clients.group_reader import SimGroupReader
from sim.clients.reader import BEGIN, CONSUMER, SimReader
from sim.clients.schema_reader import SchemaReader
from sim.stories.asking import Asking
from sim.stories.processing import ISOLATIONS, PROTOCOLS
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from producer.config.config import ProducerConfig
    from producer.records import TopicPartition
    from sim.cluster.cluster import Cluster
    from sim.stories.schemas import Deserializing

WAIT_MAX_MS = 5_000
"""fetch.max.wait.ms of those who read while the story goes on: ten times Kafka's, for each empty answer costs a run events."""

METADATA_AGE_MAX_US = 60 * SECOND_US
"""metadata.max.age.ms of theirs: within the time that they have once all is healed, partitions that were added are read."""


class ReadingRoom:
    """Every reader of one run."""

    def __init__(
        self,
        cluster: Cluster,
        deserializing: Sequence[Deserializing] = (),
        asking: Asking | None = None,
        reading_as: ProducerConfig | None = None,
    ) -> None:
        """`deserializing` says who makes values of what he is given, `asking` leads to the registries that he asks.

        `reading_as` is what they log in by, None where they need not.
        """
        self._cluster = cluster
        self._reading_as = reading_as
        self._asking = asking or Asking(cluster)
        self._deserializing = {one.reader: one for one in deserializing}
        self._readers: list[SimReader] = []
        self._members: list[SimGroupReader] = []
        self._versions: dict[str, int] = {}
        """Which version of its code a reader runs, where it is another than the first."""

    def next_name(self) -> str:
        return f"reader-{len(self._readers) + len(self._members) + 1}"

    def begin(self, name: str, topic: str, begin: str, isolation: str) -> None:
        self._check_name(name)
        reading = read_settings(begin, isolation)
        words = self._deserializing.get(name)
        self._readers.append(
            SimReader(self._cluster, topic, name=name, begin=begin, reading=reading, access=self._access(name))
            if words is None
            else self._schema_reader(words, topic, begin, reading)
        )

    def join(self, name: str, topic: str, begin: str, isolation: str, group: str, protocol: str) -> None:
        self._check_name(name)
        reading = read_settings(begin, isolation)
        spoken = PROTOCOLS[protocol]
        self._members.append(
            SimGroupReader(
                self._cluster,
                topic,
                group,
                name=name,
                protocol=spoken,
                begin=begin,
                reading=reading,
                access=self._access(name),
            )
        )

    def _schema_reader(self, words: Deserializing, topic: str, begin: str, reading: ReadSettings) -> SchemaReader:
        reader = SchemaReader(
            self._cluster,
            topic,
            name=words.reader,
            begin=begin,
            reading=reading,
            unreadable=words.unreadable,
            questions=lambda client, host: self._asking.questions(client, host, words.registry.split(",")),
            letters=SimDeadLetters(self._cluster, f"{words.reader}-dead-letters")
            if words.unreadable == "dead"
            else None,
            access=self._access(words.reader),
        )
        version = self._versions.get(words.reader, 1)
        reader.deploy(version, words.versions[version - 1])
        return reader

    def deploy(self, name: str, version: int) -> None:
        words = self._deserializing.get(name)
        if words is None or version > len(words.versions):
            raise ValueError(f"{name} has no version {version}")
        if self._versions.get(name, 1) == version:
            raise ValueError(f"{name} runs version {version} already")
        self._versions[name] = version
        reader = next((one for one in self._readers if one.name == name), None)
        if isinstance(reader, SchemaReader):
            reader.deploy(version, words.versions[version - 1])

    def close(self, name: str) -> None:
        member = next((one for one in self._members if one.name == name), None)
        if member is None or member.is_over:
            raise ValueError(f"{name} is not in a group{' any more' if member else ''}")
        member.close()

    def _check_name(self, name: str) -> None:
        if name in self._cluster.network.hosts:
            raise ValueError(f"somebody is called {name} already")

    def read_back(self, topics: Iterable[str]) -> None:
        """Let one more consumer read these from the beginning."""
        for topic in topics:
            host = f"{CONSUMER}-{topic}"
            self._readers.append(SimReader(self._cluster, topic, host=host, access=self._access(host)))

    def _access(self, name: str) -> Access | None:
        if self._reading_as is None:
            return None
        return access_by(self._reading_as, self._cluster.world.chance(f"client/{name}/nonces"))

    def has_read_all(self) -> bool:
        """Whether each has come to the end of what is committed now, or can never come there; a group's members together."""
        committed = self._cluster.committed()
        return all(reader.has_failed or reader.has_read(committed) for reader in self._readers) and all(
            _has_read(members, committed) for members in self._groups().values()
        )

    def _groups(self) -> dict[str, list[SimGroupReader]]:
        """Those who are in a group still, by its name."""
        groups: dict[str, list[SimGroupReader]] = {}
        for member in self._members:
            if not member.is_over and not member.has_failed:
                groups.setdefault(member.group, []).append(member)
        return groups

    def end(self) -> None:
        """Nobody reads any more."""
        for reader in self._readers:
            reader.end()
        for member in self._members:
            member.end()


def read_settings(begin: str, isolation: str) -> ReadSettings:
    """How somebody reads while a story goes on, by Kafka's words."""
    return ReadSettings(
        ISOLATIONS[isolation],
        reset_to=BEGIN[begin],
        wait_max_ms=WAIT_MAX_MS,
        metadata_age_max_us=METADATA_AGE_MAX_US,
    )


def _has_read(members: list[SimGroupReader], ends: dict[TopicPartition, int]) -> bool:
    """Whether a group is at rest, and somebody in it stands at the end of each partition of their topics."""
    if not all(member.is_settled for member in members):
        return False
    topics = [member.topic for member in members]
    positions: dict[TopicPartition, int] = {}
    for member in members:
        positions |= member.positions
    return all(positions.get(tp, -1) == end for tp, end in ends.items() if tp.topic in topics)
