"""Who reads in a run: those whom the story begins, and the consumer that reads everything back at the end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sim.clients.consumer import ReadSettings
from sim.clients.reader import BEGIN, CONSUMER, SimReader
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster


WAIT_MAX_MS = 5_000
"""fetch.max.wait.ms of those who read while the story goes on: ten times Kafka's, for each empty answer costs a run events."""

METADATA_AGE_MAX_US = 60 * SECOND_US
"""metadata.max.age.ms of theirs: within the time that they have once all is healed, partitions that were added are read."""


class ReadingRoom:
    """Every reader of one run."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._readers: list[SimReader] = []

    def next_name(self) -> str:
        return f"reader-{len(self._readers) + 1}"

    def begin(self, name: str, topic: str, begin: str) -> None:
        if name in self._cluster.network.hosts:
            raise ValueError(f"somebody is called {name} already")
        reading = ReadSettings(reset_to=BEGIN[begin], wait_max_ms=WAIT_MAX_MS, metadata_age_max_us=METADATA_AGE_MAX_US)
        self._readers.append(SimReader(self._cluster, topic, name=name, begin=begin, reading=reading))

    def read_back(self, topics: Iterable[str]) -> None:
        """Let one more consumer read these from the beginning."""
        self._readers += [SimReader(self._cluster, topic, host=f"{CONSUMER}-{topic}") for topic in topics]

    def has_read_all(self) -> bool:
        """Whether each has come to the end of what is committed now, or can never come there."""
        committed = self._cluster.committed()
        return all(reader.has_failed or reader.has_read(committed) for reader in self._readers)

    def end(self) -> None:
        """Nobody reads any more."""
        for reader in self._readers:
            reader.end()
