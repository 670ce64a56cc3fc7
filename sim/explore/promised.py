"""What Kafka promises a producer of that configuration under faults of these kinds: what else breaks is no finding.

A search that is asked for one configuration looks for every breach; one that draws configurations must know which are news.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from producer.schemas.compatibility import CompatibilityLevel, check
from producer.schemas.parse import parse
from sim.explore.stuck import NAME as STUCK
from sim.explore.unended import NAME as UNENDED
from sim.faults import Crash, CutLogShort, Deploy, FailLogDirectory, RepairLogDirectory

if TYPE_CHECKING:
    from producer.config.config import ProducerConfig
    from sim.explore.kinds import Kind
    from sim.faults.schedule import Entry, Schedule
    from sim.stories.applications import Application
    from sim.stories.scenario import Scenario

ORDER = frozenset({"reordered", "key order"})
TWICE = frozenset({"duplicated", "repeated"})
"""What a producer wrote twice, the business has twice as well."""
UNREAD = frozenset({"unread", "unreadable"})
"""A reader that can make nothing of a record reads nothing behind it either."""
RENUMBERS = "acklab.renumber.in.doubt"
"""The property by which a new epoch numbers anew what may be in the log already."""
STRICT = 2
"""transaction.version with an epoch for each transaction."""
NEEDS_KNOWN_PRODUCER = frozenset({STUCK}) | TWICE | ORDER


def unpromised(config: ProducerConfig, *, is_fresh: bool) -> frozenset[str]:
    """Name what this configuration does not promise, whatever happens."""
    missing: frozenset[str] = frozenset()
    if config.acks != "all":
        # What was told of may go; where another attempt was appended elsewhere, the record is there, but not where it was told.
        missing |= {"lost", "misplaced"}
    if not config.enable_idempotence:
        # A request that was given up lies in a broker's socket, and is appended behind what was sent after it.
        missing |= ORDER
        if config.retries:
            missing |= TWICE
    if is_fresh and config.acklab_fresh_producer_pipelining:
        missing |= NEEDS_KNOWN_PRODUCER
    return missing


def unpromised_by(application: Application) -> frozenset[str]:
    """Name what an application takes away by itself that sends again.

    It may be written already. And it is sent while another send waits for memory: two threads' records have no order.
    """
    resends = application.resends
    if resends is None:
        return frozenset()
    return ORDER | ({"repeated"} if "unknown" in resends.on else frozenset())


def unpromised_in_transactions(scenario: Scenario) -> frozenset[str]:
    """Name what is not promised to who writes in transactions on such a cluster, and processes so.

    Without an epoch for each transaction (KIP-890) a request that is late counts as one of the next transaction; unless leaders ask
    the coordinator before they take a batch, it may open one that nobody knows of. Positions without group metadata are taken from anybody (KIP-447).
    """
    missing: frozenset[str] = frozenset()
    if scenario.cluster_as_set.transaction_version < STRICT:
        missing |= {"torn", "aborted read", "exactly once"}
        if not scenario.cluster_as_set.transaction_partition_verification:
            missing |= {"fencing", UNENDED}
    if any(one.processing is not None and not one.processing.gives_metadata for one in scenario.cast):
        missing |= {"exactly once"}
    return missing


def unpromised_in_schemas(scenario: Scenario, schedule: Schedule) -> frozenset[str]:
    """Name what a schedule takes away that deploys versions where the level does not protect who reads.

    FULL alone holds whoever goes first: FORWARD and BACKWARD ask for an order, which no schedule keeps, and a registry that is away
    may be asked for the second version first. It protects readers whose own schema it would let in.
    """
    deployed = {(entry.fault.whom, entry.fault.version) for entry in schedule if isinstance(entry.fault, Deploy)}
    if not deployed or scenario.registry is None:
        return frozenset()
    level = CompatibilityLevel(scenario.registry.level)
    is_full = level.new_reads_old and level.old_reads_new
    if not is_full or (not level.is_transitive and any(len(one.versions) > 2 for one in scenario.cast)):
        return UNREAD
    written = [parse(one.versions[0].schema, {}) for one in scenario.cast if one.versions and one.versions[0].schema]
    for reading in scenario.deserializing:
        for number, schema in enumerate(reading.versions, start=1):
            is_run = number > 1 and (reading.reader, number) in deployed
            if schema is not None and is_run and check(level, parse(schema, {}), written):
                return UNREAD
    return frozenset()


def broken_by(kinds: Iterable[Kind]) -> frozenset[str]:
    """Name what faults of these kinds take away from any configuration."""
    broken: frozenset[str] = frozenset().union(*(kind.breaks for kind in kinds))
    return broken | TWICE if "duplicated" in broken else broken


def may_lose_disk(scenario: Scenario, schedule: Schedule) -> bool:
    """Whether what a schedule does to disks breaks no promise: one is lost, or a directory of it, and nobody else crashes.

    Whoever ends without a word is eligible no longer, whatever its disk holds (KIP-966). After two of them the one that led
    last is elected, and that may be the one whose disk is gone.
    """
    ends = sum(isinstance(entry.fault, (Crash, FailLogDirectory)) for entry in schedule)
    return stands_lost_disk(scenario) and ends == 1


def with_disk_kept(entry: Entry) -> Entry | None:
    """Let a crash keep the broker's disk, and a repair what a directory held; None for what does nothing but lose some of one."""
    match entry.fault:
        case CutLogShort():
            return None
        case Crash():
            return replace(entry, fault=replace(entry.fault, disk="kept"))
        case RepairLogDirectory():
            return replace(entry, fault=replace(entry.fault, files="kept"))
        case _:
            return entry


def stands_lost_disk(scenario: Scenario) -> bool:
    """Whether every acknowledged record is on two disks that may be elected: what one lost disk leaves untouched."""
    is_remembered = scenario.cluster_as_set.eligible_leader_replicas
    return is_remembered and all(
        min(topic.min_insync_replicas, topic.replication_factor) > 1 for topic in scenario.cluster_as_set.topics
    )
