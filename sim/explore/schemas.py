"""A search of stories in schemas (class S) draws which story, its level, its cluster, and what its reader does about what it cannot read.

Two stories: a producer's new version that a reader cannot read, and one that it can be deployed before. Under FULL nothing acknowledged may be
unreadable, whoever is deployed when and whatever becomes of the registry; under less a deployment may take that, and the search counts the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.explore.draw import StreamChoices
from sim.stories.variation import varied_name
from sim.world.kernel import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.explore.kinds import Choices

STORIES = ("field_removed_breaks_consumer", "backward_is_not_forward")
CLASSES = "NCS"
"""What strikes them: nothing that takes a promise with it but deployments."""
LEVELS = ("FULL", "FULL", "FULL_TRANSITIVE", "FORWARD", "BACKWARD", "NONE")


def surroundings(choices: Choices) -> dict[str, int | str]:
    """Draw the level, the cluster, and what is sent."""
    brokers = choices.one_of((3, 3, 2))
    replicas = min(brokers, 3)
    return {
        "level": choices.one_of(LEVELS),
        "unreadable": choices.one_of(("stop", "skip", "dead")),
        "brokers": brokers,
        "partitions": choices.one_of((1, 2)),
        "replication_factor": replicas,
        "min_insync_replicas": min(replicas, choices.one_of((1, 2))),
        "records": choices.one_of((20, 12, 40)),
        "every_us": choices.one_of((20_000, 100_000, 500_000)),
    }


class SchemaWorld:
    """One of the worlds of such a search."""

    def __init__(self, place: int, *, seed: int, stories: tuple[str, ...] = STORIES) -> None:
        """Draw it: the same place and seed give the same one, of the same stories."""

        def choices(name: str) -> StreamChoices:
            return StreamChoices(Stream(seed=seed, name=f"explore/schemas/{place}/{name}"))

        self.scenario = varied_name(choices("story").one_of(stories), surroundings(choices("surroundings")))
        # What a fresh partition does not promise is another search's.
        self.properties: Mapping[str, str] = {"acklab.fresh.producer.pipelining": "false"}
