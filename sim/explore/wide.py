"""A wide search draws what surrounds the faults, too: the cluster, its application, its records, its producer, the repairs.

Sixty-four worlds, each with its own; and for every schedule anew, when somebody repairs and when the dead come back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.explore.draw import StreamChoices
from sim.world.kernel import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.explore.kinds import Choices

WORLDS = 64
"""Clusters with their producers, in turn: each is run once undisturbed, and then struck by many schedules."""

S_US = 1_000_000
REPAIRS_AFTER_US = (S_US, S_US, 0, 5 * S_US, 12 * S_US, 25 * S_US, 45 * S_US)
"""From the last fault to the repair: before an election (9 s after a crash), after it, after a follower lagged (30 s)."""
TIMESTAMP_MS = 1_767_225_600_500
"""A CreateTime that an application says itself: of the first second of a simulated cluster, so always in the past."""
REVIVES_AFTER_US = (15 * S_US, 15 * S_US, S_US, 4 * S_US, 11 * S_US, 40 * S_US)
"""From the repair to the return of the dead."""


def repairs(choices: Choices) -> dict[str, int]:
    """Draw when a cluster is repaired, and when the dead come back."""
    return {
        "repairs_after_us": choices.one_of(REPAIRS_AFTER_US),
        "revives_after_us": choices.one_of(REVIVES_AFTER_US),
    }


def cluster(choices: Choices) -> dict[str, int | str]:
    """Draw a cluster, and how an application uses it."""
    brokers = choices.one_of((3, 3, 2, 3, 4, 5))
    replicas = min(brokers, choices.one_of((3, 2, 3, 2, 4)))
    session_s = choices.one_of((9, 9, 3))
    return {
        "brokers": brokers,
        "partitions": choices.one_of((2, 1, 3)),
        "replication_factor": replicas,
        "min_insync_replicas": min(replicas, choices.one_of((2, 2, 2, 1, 3))),
        "eligible_leader_replicas": choices.one_of((1, 1, 1, 0)),
        "broker_session_timeout_us": session_s * S_US,
        "broker_heartbeat_us": S_US if session_s == 3 else 2 * S_US,
        "replica_lag_time_max_us": choices.one_of((30, 30, 5)) * S_US,
        # A follower that is behind needs several Fetches to catch up where each brings one batch.
        "replica_fetch_bytes_max": choices.one_of((1_048_576, 1_048_576, 1)),
        "replica_fetch_backoff_us": choices.one_of((S_US, S_US, S_US // 10)),
        "metadata_apply_us": choices.one_of((5_000, 5_000, 0, 50_000)),
        "others": choices.one_of((0, 0, 0, 1)),
        "records": choices.one_of((24, 24, 12, 48)),
        # A batch holds one record, some, or a whole burst.
        "value_bytes": choices.one_of((9_000, 9_000, 3_000, 0)),
        "controllers": choices.one_of((1, 1, 1, 3)),
        "log_dirs": choices.one_of((1, 2, 1, 3)),
    }


def workload(choices: Choices) -> dict[str, int | str]:
    """Draw what an application says of its records, beside their number and size, and who reads them meanwhile.

    Half of the time it is what the story says.
    """
    if choices.number(0, 1) == 0:
        return {}
    drawn: dict[str, int | str] = {}
    drawn |= choices.one_of(({}, {"headers": 1}, {"headers": 3}))
    # A value is sent once, unless it is sent again: whether the business has it twice is then the producer's matter.
    drawn |= choices.one_of(({}, {"stands_for": "value"}))
    drawn |= choices.one_of(({}, {"readers": 1}))
    drawn |= choices.one_of(({}, {}, {"topics": 2}))
    drawn |= choices.one_of(({}, {}, {"keys": 0}, {"keys": 1}, {"partition": 0}))
    drawn |= choices.one_of(({}, {}, {"timestamp_ms": TIMESTAMP_MS, "timestamp_step_ms": 1}))
    drawn |= choices.one_of(({}, {}, {"timestamp_type": "LogAppendTime"}))
    drawn |= choices.one_of(({}, {}, {"resends": "failed"}, {"resends": "both"}))
    drawn |= choices.one_of(({}, {}, {"new_life": "sends_again"}, {"new_life": "begins_anew"}))
    return drawn


def properties(choices: Choices) -> dict[str, str]:
    """Draw a producer: the default configuration half of the time, else one that differs in a few things."""
    if choices.number(0, 1) == 0:
        return {}
    drawn: dict[str, str] = {}
    drawn |= choices.one_of(
        (
            {},
            {"request.timeout.ms": "5000"},
            {"request.timeout.ms": "1000", "delivery.timeout.ms": "3000"},
            {"request.timeout.ms": "5000", "delivery.timeout.ms": "15000"},
        )
    )
    drawn |= choices.one_of(
        ({}, {}, {"max.in.flight.requests.per.connection": "1"}, {"max.in.flight.requests.per.connection": "2"})
    )
    drawn |= choices.one_of(({}, {}, {"linger.ms": "0"}, {"linger.ms": "50"}))
    drawn |= choices.one_of(({}, {}, {"batch.size": "1000"}))
    drawn |= choices.one_of(
        ({}, {}, {"retry.backoff.ms": "1000"}, {"retry.backoff.ms": "4000", "retry.backoff.max.ms": "4000"})
    )
    drawn |= choices.one_of(({}, {}, {}, {"retries": "2"}, {"retries": "0"}))
    drawn |= choices.one_of(({}, {}, {"metadata.max.age.ms": "3000"}))
    drawn |= choices.one_of(({}, {}, {}, {"metadata.recovery.rebootstrap.trigger.ms": "1000"}))
    drawn |= choices.one_of(({}, {}, {}, {"buffer.memory": "40000", "max.block.ms": "5000"}))
    drawn |= choices.one_of(({}, {}, {}, {"enable.idempotence": "false"}, {"acks": "1"}))
    return drawn


class World:
    """One of the worlds of a wide search."""

    def __init__(self, place: int, *, seed: int) -> None:
        """Draw it: the same place and seed give the same one."""

        def choices(name: str) -> StreamChoices:
            return StreamChoices(Stream(seed=seed, name=f"explore/world/{place}/{name}"))

        self.surroundings: Mapping[str, int | str] = cluster(choices("cluster")) | workload(choices("workload"))
        """What stands behind the story's name (`sim.stories.variation`)."""
        # A partition that does not know its producer has a hole, Kafka's own, and a remedy.
        self.is_fresh = choices("fresh").number(0, 3) == 3
        remedy = self.is_fresh or choices("remedy").number(0, 2) == 2 or "topics" in self.surroundings
        self.properties: Mapping[str, str] = properties(choices("producer")) | (
            {"acklab.fresh.producer.pipelining": "false"} if remedy else {}
        )
