"""Small stories by number in which groups read: their members come, leave, stand still and die; and whatever the search draws happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from sim.cluster.internal_topics import CONSUMER_OFFSETS, wanted_topic
from sim.explore.course import Course, undisturbed
from sim.explore.draw import drawn
from sim.explore.kinds import CLASSES, kinds_of
from sim.faults.reading import Begin, Protocol, Read
from sim.faults.schedule import Entry, Schedule
from sim.faults.words import at
from sim.stories.applications import Application
from sim.stories.scenario import ClusterConfig, KeysInTurn, Phase, Scenario, TopicConfig, Workload
from sim.world.kernel import Stream
from sim.world.units import SECOND_US
from tests.second_judge.stories import PRODUCERS, with_retention

What = Literal["stands still", "dies", "leaves"]
"""`leaves` is in good order, as by a fault that says so; who dies says nothing."""

CASTS = 48
"""So many clusters with their applications and groups; each meets every kind of fault."""
WORLDS = 2
RECORDS = 10
APPLICATIONS = ("billing", "shipping")
ORDERS = "orders"
GROUPS = ("app", "audit")
PROTOCOLS: tuple[tuple[Protocol, ...], ...] = (
    ("classic",),
    ("consumer",),
    ("classic",),
    ("consumer",),
    ("classic", "consumer"),
)
"""What the members of a group speak, in turn: in the last, some have yet to move to the later one."""
SETTLED_US = 2 * SECOND_US
"""By then a cluster has started, and its story begins."""
STORY_US = 20 * SECOND_US
DEEDS: tuple[What, ...] = ("stands still", "stands still", "dies", "leaves")
LASTS_US: Mapping[What, tuple[int, ...]] = {
    # Within a session and beyond it: of the consumer protocol's here, and of 45 seconds by the classic one.
    "stands still": (SECOND_US, 7 * SECOND_US, 15 * SECOND_US, 50 * SECOND_US, 70 * SECOND_US),
    "dies": (0, SECOND_US, 8 * SECOND_US),
    "leaves": (0,),
}
DEEDS_MAX = 4
OF_GROUPS_MAX = 4
"""Faults of groups that are added to what is drawn of all kinds; they are two of some forty."""
OF_GROUPS_SEED = 1_000_000
OF_POSITIONS_ONE_IN = 3
"""In so many stories something happens to where positions are kept: to the disks of `__consumer_offsets`, and whoever leads it."""
OF_POSITIONS_SEED = 2_000_000
SESSIONS_US = (6 * SECOND_US, 6 * SECOND_US, 45 * SECOND_US)


@dataclass(frozen=True, slots=True)
class Deed:
    """What a member does, and no fault says."""

    at_us: int
    """From the beginning of the world."""
    member: str
    what: What
    lasts_us: int
    """Until it goes on, or another takes its place."""


@dataclass(frozen=True, slots=True)
class Small:
    """One story to judge twice."""

    number: int
    scenario: Scenario
    seed: int
    deeds: tuple[Deed, ...]


def small(number: int, *, seed: int = 0) -> Small:
    """Draw the story of that number: the same one whatever was drawn before."""
    cast, world = number % CASTS, seed + number // CASTS % WORLDS
    scenario = _cast(cast)
    course = _course(cast, world)
    orders, kinds = _of_topic(course, ORDERS), kinds_of("".join(CLASSES))
    schedule: Schedule = drawn(number, seed=seed, course=orders, kinds=kinds)
    if number % 3:
        of_groups = tuple([kind for kind in kinds if kind.is_of_groups])
        schedule += drawn(number, seed=seed + OF_GROUPS_SEED, course=orders, kinds=of_groups)[:OF_GROUPS_MAX]
    if number % OF_POSITIONS_ONE_IN == 0:
        positions = _of_topic(course, CONSUMER_OFFSETS)
        schedule += drawn(number, seed=seed + OF_POSITIONS_SEED, course=positions, kinds=kinds_of("CD"))[:OF_GROUPS_MAX]
    return Small(number, replace(scenario, schedule=schedule), world, _deeds(number, seed, scenario.readers))


def _of_topic(course: Course, topic: str) -> Course:
    """Where faults may strike that strike no other topic."""
    kept = [place for place, one in enumerate(course.partitions) if one.rpartition("-")[0] == topic]
    return course._replace(
        topics=tuple([one for one in course.topics if one[0] == topic]),
        partitions=tuple([course.partitions[place] for place in kept]),
        replicas=tuple([course.replicas[place] for place in kept]),
    )


def _deeds(number: int, seed: int, readers: Schedule) -> tuple[Deed, ...]:
    chance = Stream(seed=seed, name=f"second judge/groups/{number}/deeds")
    members = [fault.reader for fault in (entry.fault for entry in readers) if isinstance(fault, Read) and fault.reader]
    found: dict[str, Deed] = {}
    for _ in range(chance.randrange(DEEDS_MAX + 1)):
        member = members[chance.randrange(len(members))]
        at_us = SETTLED_US + chance.randrange(STORY_US)
        what = DEEDS[chance.randrange(len(DEEDS))]
        lasts = LASTS_US[what]
        found.setdefault(member, Deed(at_us, member, what, lasts[chance.randrange(len(lasts))]))
    return tuple(found.values())


@lru_cache(maxsize=CASTS * WORLDS)
def _course(cast: int, world: int) -> Course:
    return undisturbed(_cast(cast), world, is_warm=False)


@lru_cache(maxsize=CASTS)
def _cast(number: int) -> Scenario:
    chance = Stream(seed=number, name="second judge/groups")
    applications = tuple(_application(name, number, chance) for name in APPLICATIONS[: 1 + chance.randrange(2)])
    readers = [
        entry
        for place, group in enumerate(GROUPS[: 1 + number % 2])
        for entry in _members(group, number // 2 + place, chance)
    ]
    return Scenario(
        name=f"groups_{number}",
        question="Do two judges agree on what members of groups were told?",
        cluster=_cluster(chance),
        applications=applications,
        readers=tuple(readers),
        duration_us_max=200 * SECOND_US,
    )


def _cluster(chance: Stream) -> ClusterConfig:
    orders = TopicConfig(ORDERS, partitions=2 + chance.randrange(2), min_insync_replicas=1 + chance.randrange(2))
    orders = with_retention(orders, chance.randrange(12), retention_ms=4_000, goes_by_size=False)
    config = ClusterConfig(
        topics=(orders,),
        offsets_topic_partitions=1 + chance.randrange(2),
        group_consumer_session_timeout_us=SESSIONS_US[chance.randrange(len(SESSIONS_US))],
        group_consumer_heartbeat_interval_us=2 * SECOND_US,
        log_initial_task_delay_us=SECOND_US,
        log_retention_check_interval_us=2 * SECOND_US,
        log_cleaner_backoff_us=SECOND_US,
        unclean_leader_election=not chance.randrange(4),
        eligible_leader_replicas=bool(chance.randrange(2)),
        log_flush_interval_us=(30_000_000, 500_000)[chance.randrange(2)],
        replica_lag_time_max_us=(30_000_000, 2_000_000)[chance.randrange(2)],
        # Mostly longer than Kafka's: a quiet cluster has less to do, and more stories are told in a minute.
        replica_fetch_wait_max_us=(4_000_000, 4_000_000, 500_000)[chance.randrange(3)],
        log_dirs=1 + chance.randrange(2),
    )
    # As the first who looks for a coordinator would have it made; named here, so that faults may strike it.
    positions = wanted_topic(CONSUMER_OFFSETS, config)
    if not chance.randrange(3):
        positions = replace(positions, internal_segment_bytes=1_000, min_cleanable_dirty_ratio=0.2)
    return replace(config, topics=(orders, positions))


def _application(name: str, number: int, chance: Stream) -> Application:
    return Application(
        name=name,
        producer=PRODUCERS[chance.randrange(len(PRODUCERS))],
        workload=Workload(
            records=RECORDS,
            keys=KeysInTurn(3, prefix=name),
            # Some at once, some while members come and go and commit every five seconds.
            phases=(Phase(every_us=100_000, quiet_us=4 * SECOND_US), Phase(every_us=SECOND_US, quiet_us=6 * SECOND_US)),
            stands_for=("", "value")[number % 2],
        ),
        # What the search starts itself.
        starts_after_us=None if name == APPLICATIONS[-1] and chance.randrange(2) else 0,
    )


def _members(group: str, kind: int, chance: Stream) -> list[Entry]:
    spoken = PROTOCOLS[kind % len(PROTOCOLS)]
    begin: Begin = ("earliest", "earliest", "earliest", "latest")[chance.randrange(4)]
    return [
        at(chance.randrange(10) * SECOND_US if place else 0).read(
            ORDERS, begin=begin, group=group, protocol=spoken[place % len(spoken)], name=f"{group}-{place + 1}"
        )
        for place in range(2 + chance.randrange(2))
    ]
