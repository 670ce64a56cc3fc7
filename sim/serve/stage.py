"""What is served, as plain values: a replay of a journal begins with the same."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sim.cluster.broker_properties import started_with
from sim.cluster.config import EPOCH_US, ClusterConfig
from sim.cluster.named_settings import shared_out, with_settings
from sim.cluster.topic_config import TopicConfig
from sim.serve.secure import USERS, secured
from sim.world.network.link import LinkQuality

if TYPE_CHECKING:
    from sim.cluster.security.listeners import Listener
    from sim.faults.schedule import Schedule

AT_ONCE = LinkQuality(latency_us=0, jitter_us=0, bandwidth_bytes_s=1 << 50)
"""Links that add nothing to what a real network between client and server takes."""
FACTOR = 3
"""Replicas of a topic of which nobody says how many, as far as there are brokers."""

_TOPIC = re.compile(r"(?P<name>[^:]+)(?::(?P<partitions>\d+)(?::(?P<factor>\d+))?)?")


@dataclass(frozen=True, slots=True)
class Stage:
    """Raises nothing; `config` does."""

    story: str = ""
    """Name or path of a scenario: its cluster, its topics, its schedule. Empty for a plain cluster."""
    brokers: int | None = None
    """How many; None: three, or as the story has it."""
    topics: tuple[str, ...] = ()
    """As NAME:PARTITIONS:FACTOR, beside the story's."""
    settings: tuple[tuple[str, str], ...] = ()
    """Brokers' properties by Kafka's names; and topics' settings, a topic's name before each."""
    seed: int = 0
    epoch_us: int = EPOCH_US
    """Virtual time 0 on the calendar."""
    advertised: tuple[tuple[str, int], ...] = ()
    """Where clients are told that the brokers are; empty: on the hosts of the simulated network."""
    sends_with: str = ""
    """The client library that the story's simulated application sends with, and how it is configured; empty: nobody is simulated."""
    has_registry: bool = False
    """Whether there is a schema registry, whose log is `_schemas`."""
    is_secure: bool = False
    """Whether it asks who is there: a listener of each kind (`secure.LISTENERS`), and users."""
    users: tuple[tuple[str, str], ...] = ()
    """Name and password of each; empty for `secure.USERS`."""
    is_realistic: bool = False
    """Whether the simulated network takes its time, over what a real one takes."""

    @property
    def broker_count(self) -> int:
        """How many brokers there are. Raises ScenarioError for the story."""
        return self.brokers or self._story_config().brokers

    def config(self) -> ClusterConfig:
        """Give the cluster. Raises ScenarioError for the story, ValueError for everything else that cannot be."""
        told = self._secured_config()
        brokers = self.broker_count
        config = replace(
            told,
            brokers=brokers,
            epoch_us=self.epoch_us,
            advertised_listeners=self.advertised,
            topics=(*told.topics, *(topic_named(text, brokers) for text in self.topics)),
            network=told.network if self.is_realistic else AT_ONCE,
        )
        of_topics, of_brokers = shared_out(config, self.settings)
        return started_with(with_settings(config, of_topics), of_brokers)

    @property
    def listeners(self) -> tuple[Listener, ...]:
        """By what brokers are reached. Raises ScenarioError for the story."""
        return self._secured_config().listeners

    def _secured_config(self) -> ClusterConfig:
        told = self._story_config()
        return secured(told, self.users or USERS) if self.is_secure else told

    def _story_config(self) -> ClusterConfig:
        if not self.story:
            # As Kafka has it: a client that asks for a topic makes it. It has replicas, or no fault would be survived.
            made = TopicConfig("auto-created", 1, min(FACTOR, self.brokers or FACTOR), min_insync_replicas=1)
            return ClusterConfig(brokers=self.brokers or FACTOR, auto_create_topics=True, auto_created_topic=made)
        from sim.stories.scenario import load

        return load(self.story).cluster_as_set

    def schedule(self) -> Schedule:
        """Give the story's faults. Raises ScenarioError."""
        if not self.story:
            return ()
        from sim.stories.scenario import load

        return load(self.story).schedule


def topic_named(text: str, brokers: int) -> TopicConfig:
    """Read NAME, NAME:PARTITIONS or NAME:PARTITIONS:FACTOR. Raises ValueError naming it."""
    match = _TOPIC.fullmatch(text)
    if match is None:
        raise ValueError(f"topic {text!r}: expected NAME:PARTITIONS:FACTOR, such as orders:6:3")
    factor = int(match["factor"] or min(FACTOR, brokers))
    return TopicConfig(match["name"], int(match["partitions"] or 1), factor, min_insync_replicas=1)
