"""Small stories by number: clusters and producers that keep much, or little, and whatever the search draws to happen to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from sim.explore.course import Course, undisturbed
from sim.explore.draw import drawn
from sim.explore.kinds import CLASSES, kinds_of
from sim.faults.schedule import Schedule
from sim.stories.applications import Application, Resends
from sim.stories.scenario import ClusterConfig, KeysInTurn, Phase, Scenario, TopicConfig, Workload
from sim.world.kernel import Stream

CASTS = 64
"""So many clusters with their applications; each meets every kind of fault."""
WORLDS = 2
NAMES = ("billing", "shipping", "auditing")
RECORDS = 12
COMPACTED: Mapping[int, tuple[str, ...]] = {2: ("compact",), 3: ("compact",), 4: ("compact", "delete")}
"""What becomes of old segments in three casts of eight; two others let them go by age or by size."""
TIMEOUTS: Mapping[str, str] = {"delivery.timeout.ms": "6000", "request.timeout.ms": "2000"}
PRODUCERS: tuple[Mapping[str, str], ...] = (
    {},
    {},
    TIMEOUTS,
    {"acks": "1"},
    {"acks": "1", **TIMEOUTS},
    {"acks": "0"},
    {"enable.idempotence": "false"},
    {"enable.idempotence": "false", **TIMEOUTS},
    {"enable.idempotence": "false", "max.in.flight.requests.per.connection": "1"},
    {"acks": "1", "retries": "0"},
    {"linger.ms": "20"},
    {"linger.ms": "20", "acks": "1"},
)


@dataclass(frozen=True, slots=True)
class Small:
    """One story to judge twice."""

    number: int
    scenario: Scenario
    seed: int


def small(number: int, *, seed: int = 0, without: tuple[str, ...] = ()) -> Small:
    """Draw the story of that number: the same one whatever was drawn before; as if there were no kinds of these names."""
    cast, world = number % CASTS, seed + number // CASTS % WORLDS
    course = _course(cast, world)
    kinds = tuple([kind for kind in kinds_of("".join(CLASSES)) if kind.name not in without])
    schedule: Schedule = drawn(number, seed=seed, course=course, kinds=kinds)
    return Small(number, replace(_cast(cast), schedule=schedule), world)


@lru_cache(maxsize=CASTS * WORLDS)
def _course(cast: int, world: int) -> Course:
    return undisturbed(_cast(cast), world, is_warm=False)


def with_retention(topic: TopicConfig, kept: int, *, retention_ms: int, goes_by_size: bool) -> TopicConfig:
    """Let old segments go: where `kept` is 0 by age, where it is 1 perhaps by size, compacted as `COMPACTED` says; else all is kept."""
    if kept == 0:
        return replace(topic, internal_segment_bytes=400, retention_ms=retention_ms)
    if kept == 1 and goes_by_size:
        return replace(topic, internal_segment_bytes=400, retention_bytes=700)
    if kept not in COMPACTED:
        return topic
    return replace(
        topic,
        internal_segment_bytes=400,
        cleanup_policy=COMPACTED[kept],
        retention_bytes=700,
        min_cleanable_dirty_ratio=0.2,
        delete_retention_ms=1_000,
    )


@lru_cache(maxsize=CASTS)
def _cast(number: int) -> Scenario:
    chance = Stream(seed=number, name="second judge")
    orders = TopicConfig("orders", partitions=2, min_insync_replicas=1 + chance.randrange(2))
    # A stream of its own: what else is drawn stays as it was.
    kept = Stream(seed=number, name="second judge/retention").randrange(8)
    orders = with_retention(orders, kept, retention_ms=1_500, goes_by_size=True)
    cluster = ClusterConfig(
        topics=(orders,),
        log_initial_task_delay_us=1_000_000,
        log_retention_check_interval_us=700_000,
        log_cleaner_backoff_us=300_000,
        unclean_leader_election=not chance.randrange(4),
        eligible_leader_replicas=bool(chance.randrange(2)),
        log_flush_interval_us=(30_000_000, 500_000)[chance.randrange(2)],
        replica_lag_time_max_us=(30_000_000, 2_000_000)[chance.randrange(2)],
        # Mostly longer than Kafka's: a quiet cluster has less to do, and more stories are told in a minute.
        replica_fetch_wait_max_us=(4_000_000, 4_000_000, 500_000)[chance.randrange(3)],
        # A stream of its own: what else is drawn stays as it was.
        log_dirs=1 + Stream(seed=number, name="second judge/log.dirs").randrange(2),
    )
    applications = tuple(
        Application(
            name=name,
            producer=PRODUCERS[chance.randrange(len(PRODUCERS))],
            workload=Workload(
                records=RECORDS,
                keys=KeysInTurn(3, prefix=name),
                phases=(Phase(every_us=2_000), Phase(every_us=20_000, quiet_us=500_000)),
                stands_for=("", "value")[number % 2],
                tombstone_every=5 if kept in COMPACTED else 0,
            ),
            new_life=("goes on", "sends again", "begins anew")[chance.randrange(3)],
            resends=Resends() if chance.randrange(2) else None,
            # The third comes when a fault says so, or not at all.
            starts_after_us=None if name == "auditing" else 0,
        )
        for name in NAMES[: 1 + number % len(NAMES)]
    )
    return Scenario(
        name=f"small_{number}",
        question="Do two judges agree?",
        cluster=cluster,
        applications=applications,
        duration_us_max=200_000_000,
    )
