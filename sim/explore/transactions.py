"""A search of stories in transactions (class T) draws which story, its cluster, its producers and its readers; the faults are its own, too.

Three stories: an application that writes in transactions, two members of a group that process what they read, and a job with checkpoints
(KIP-939). Sixty-four worlds, as in a wide search; on both kinds of transactions, mostly those of KIP-890.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.explore.draw import StreamChoices
from sim.stories.scenario import load
from sim.stories.variation import varied_name
from sim.world.kernel import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.explore.kinds import Choices
    from sim.stories.scenario import Scenario

WORLDS = 64
S_US = 1_000_000
PLAIN, PROCESSING, CHECKPOINTS = "zombie_fenced", "rebalance_with_group_metadata", "flink_two_phase_commit"
STORIES = (PLAIN, PROCESSING, PLAIN, PROCESSING, PLAIN, PROCESSING, CHECKPOINTS)
"""Each as often as it stands here."""
CLASSES = "NCAT"
"""What strikes them: nothing that takes a promise with it, no disk that lies, nobody who writes under the id of another."""
PATIENCE_US = 60 * S_US
"""So long a fault whose moment may never come keeps the repair away while an application waits: longer than most transactions."""
DURATION_US_MAX = 240 * S_US
"""So long there is for whoever was held up, and is free again, to come to an end."""
REPAIRS_AFTER_US = (S_US, S_US, 0, 5 * S_US, 12 * S_US)
REVIVES_AFTER_US = (15 * S_US, S_US, 4 * S_US, 11 * S_US)
TIMEOUT = "transaction.timeout.ms"
TWO_PHASES = "transaction.two.phase.commit.enable"
"""Whoever has it has no time-out."""


def cluster(choices: Choices, story: Scenario) -> dict[str, int | str]:
    """Draw a cluster."""
    brokers = choices.one_of((3, 3, 4, 2))
    replicas = min(brokers, choices.one_of((3, 3, 2)))
    session_s = choices.one_of((9, 9, 3))
    drawn: dict[str, int | str] = {
        "brokers": brokers,
        # An application chooses between two by itself.
        "partitions": choices.one_of((2, 2, 3)),
        "replication_factor": replicas,
        "min_insync_replicas": min(replicas, choices.one_of((2, 2, 1))),
        "broker_session_timeout_us": session_s * S_US,
        "broker_heartbeat_us": S_US if session_s == 3 else 2 * S_US,
        "replica_lag_time_max_us": choices.one_of((30, 30, 5)) * S_US,
        # Mostly longer than Kafka's: a quiet cluster has less to do, and more stories are told in a minute.
        "replica_fetch_wait_max_us": choices.one_of((4 * S_US, 4 * S_US, S_US // 2)),
        "metadata_apply_us": choices.one_of((5_000, 5_000, 0, 50_000)),
        "controllers": choices.one_of((1, 1, 1, 3)),
        "transaction_abort_interval_us": choices.one_of((10, 1, 3)) * S_US,
        "patience_us": PATIENCE_US,
        "duration_us_max": DURATION_US_MAX,
    }
    if not story.cluster_as_set.transaction_two_phase_commit:
        drawn["transaction_version"] = choices.one_of((2, 2, 2, 1))
        if drawn["transaction_version"] == 1:
            drawn["transaction_partition_verification"] = choices.one_of((1, 1, 0))
    return drawn


def repairs(choices: Choices) -> dict[str, int]:
    """Draw when a cluster is repaired, and when the dead come back."""
    return {
        "repairs_after_us": choices.one_of(REPAIRS_AFTER_US),
        "revives_after_us": choices.one_of(REVIVES_AFTER_US),
    }


def workload(choices: Choices, story: Scenario) -> dict[str, int | str]:
    """Draw what is sent, and what is made of it."""
    drawn: dict[str, int | str] = {
        "records": choices.one_of((12, 8, 20)),
        "every_us": choices.one_of((20_000, 100_000, 1_000, 250_000)),
        "new_life": choices.one_of(("goes_on", "sends_again")),
    }
    drawn |= choices.one_of(({}, {"resends": "failed"}))
    drawn |= choices.one_of(({}, {"readers": 1}, {"committed_readers": 1}))
    drawn |= choices.one_of(({}, {"value_bytes": 9_000}))
    if any(one.processing is not None for one in story.cast):
        drawn |= {
            "parts": choices.one_of((1, 2)),
            "records_max": choices.one_of((10, 3, 1)),
            "work_us": choices.one_of((0, 20_000, 100_000)),
        }
    if any(one.processing is not None and one.processing.checkpoints is None for one in story.cast):
        drawn |= {
            "gives_metadata": choices.one_of((1, 1, 1, 1, 0)),
            "transaction_records": choices.one_of((0, 3)),
        }
        # A group by the consumer protocol takes positions from its members alone: without metadata nothing would ever be committed.
        drawn["protocol"] = choices.one_of(("classic", "classic", "consumer")) if drawn["gives_metadata"] else "classic"
    else:
        drawn["transaction_records"] = choices.one_of((2, 3, 4))
    return drawn


def properties(choices: Choices, story: Scenario, surroundings: Mapping[str, int | str]) -> dict[str, str]:
    """Draw the producers: of all of them, and how long their transactions may take."""
    drawn: dict[str, str] = {}
    drawn |= choices.one_of(
        (
            {},
            {"request.timeout.ms": "3000"},
            {"request.timeout.ms": "1000", "delivery.timeout.ms": "3000"},
            {"request.timeout.ms": "5000", "delivery.timeout.ms": "15000"},
        )
    )
    drawn |= choices.one_of(({}, {"max.block.ms": "5000"}, {"max.block.ms": "1000"}))
    drawn |= choices.one_of(({}, {}, {"max.in.flight.requests.per.connection": "1"}))
    drawn |= choices.one_of(({}, {"linger.ms": "0"}, {"linger.ms": "50"}))
    drawn |= choices.one_of(({}, {}, {"retry.backoff.ms": "1000"}))
    drawn |= choices.one_of(({"acklab.fresh.producer.pipelining": "false"}, {}))
    timeout_ms = choices.one_of(("60000", "15000", "5000", "30000"))
    for one in story.cast:
        if one.producer.get("transactional.id") and TWO_PHASES not in one.producer:
            drawn[f"{one.name}:{TIMEOUT}"] = timeout_ms
        elif one.processing is None and surroundings.get("transaction_records"):
            # What is processed was written in transactions, too.
            drawn |= {f"{one.name}:transactional.id": one.name, f"{one.name}:{TIMEOUT}": timeout_ms}
    return drawn


class TransactionalWorld:
    """One of the worlds of such a search."""

    def __init__(self, place: int, *, seed: int, stories: tuple[str, ...] = STORIES) -> None:
        """Draw it: the same place and seed give the same one, of the same stories."""

        def choices(name: str) -> StreamChoices:
            return StreamChoices(Stream(seed=seed, name=f"explore/transactions/{place}/{name}"))

        name = choices("story").one_of(stories)
        story = load(name)
        surroundings = cluster(choices("cluster"), story) | workload(choices("workload"), story)
        self.scenario = varied_name(name, surroundings)
        self.properties: Mapping[str, str] = properties(choices("producer"), story, surroundings)
