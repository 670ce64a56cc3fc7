"""What a run goes through when nobody disturbs it: the moments at which faults may strike, and how many of each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from producer.events import BatchSent
from producer.records import TopicPartition
from sim.cluster.gateways import GATEWAY
from sim.faults.schedule import After, At, Wanted
from sim.faults.text import topic_partition
from sim.stories.runner import NO_PROPERTIES, run
from sim.trace.events import (
    AuditLineKept,
    BatchAppended,
    BatchReplicated,
    BrokerFenced,
    BrokerUnfenced,
    GroupMemberBegan,
    IsrChanged,
    LeaderElected,
    LogTruncated,
    PhaseBegan,
    PhaseEnded,
    RecordAcknowledged,
    RecordSent,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from sim.faults.schedule import Anchor
    from sim.stories.scenario import Scenario

Where = tuple[tuple[str, Wanted], ...]


class Point(NamedTuple):
    """One kind of moment, such as "b1 appended a batch of orders-0", and which of its occurrences may be named."""

    event: str
    where: Where
    first: int
    """The first one after which faults may strike, counted from 1."""
    last: int
    """The last one that an undisturbed run reaches, or that is worth waiting for in a disturbed one."""


class Course(NamedTuple):
    """Where faults may strike, and whom."""

    is_warm: bool
    """Whether everything of the first phase is acknowledged before the first fault."""
    brokers: tuple[int, ...]
    partitions: tuple[str, ...]
    points: tuple[Point, ...]
    topics: tuple[tuple[str, int], ...]
    """Each with the number of its partitions."""
    clients: tuple[str, ...]
    """Hosts of applications' producers."""
    replicas: tuple[tuple[int, ...], ...]
    """Of each of `partitions`."""
    waiting: tuple[str, ...] = ()
    """Applications that begin only when a fault says so."""
    knows_producers: bool = True
    """Whether each partition that a producer will write to knows it before the first fault."""
    log_dirs: int = 1
    """How many log directories each broker has."""
    members: tuple[GroupMemberBegan, ...] = ()
    """Who reads as a member of a group."""
    transactional_ids: tuple[str, ...] = ()
    """Under which applications write in transactions; none where the search is not about them."""
    groups: tuple[str, ...] = ()
    """Whose positions are in transactions."""
    versions: tuple[tuple[str, int], ...] = ()
    """Applications and readers with how many versions of their code there are; none where the search is not about schemas."""
    registries: tuple[str, ...] = ()
    """Hosts of schema registries, likewise."""
    principals: tuple[str, ...] = ()
    """Whose rights may change; none where the search is not about governance, or the cluster has no authorizer."""
    has_quotas: bool = False
    """Whether quotas may change, likewise."""
    has_gateway: bool = False
    """Whether a gateway stands before the brokers, likewise."""

    def narrowed(self, partition: str) -> Course:
        """Give what is left for faults that all strike one partition, and those who hold it."""
        place = self.partitions.index(partition)
        topic, number = topic_partition(partition)
        own = (("topic", topic), ("partition", number))
        others = [_of(topic_partition(one)) for one in self.partitions if one != partition]
        return self._replace(
            brokers=self.replicas[place],
            partitions=(partition,),
            replicas=(self.replicas[place],),
            topics=tuple(one for one in self.topics if one[0] == topic),
            points=tuple(point for point in self.points if point.where == own or point.where not in others),
        )

    def allows(self, when: Anchor) -> bool:
        """Whether faults may strike then."""
        match when:
            case At():
                return not self.is_warm
            case After(event, nth, where, _):
                return any((event, where) == point[:2] and nth >= point.first for point in self.points)


def undisturbed(
    scenario: Scenario, seed: int, *, is_warm: bool, properties: Mapping[str, str] = NO_PROPERTIES
) -> Course:
    """Run the scenario once without faults, and note its moments; with `is_warm` only those after its first phase."""
    from dataclasses import replace

    report = run(replace(scenario, schedule=()), seed, properties=properties)
    before, total = _counted(report.trace, is_warm=is_warm)
    points = [Point(*key, before[key] + 1, total[key]) for key in total if before[key] < total[key]]
    # The simplest first: where a search may choose, it shrinks towards the beginning.
    points.sort(key=lambda point: (_ORDER.index(point.event), str(point.where)))
    topics = sorted(scenario.cluster_as_set.topics, key=lambda topic: topic.name)
    brokers = tuple(range(1, scenario.cluster_as_set.brokers + 1))
    partitions = [TopicPartition(topic.name, number) for topic in topics for number in range(topic.partitions)]
    # What only faults bring about: the next one strikes into the middle of the recovery.
    points += [
        Point(kind.__name__, _of(partition), 1, AFTERMATH_MAX)
        for kind in (LeaderElected, IsrChanged, LogTruncated)
        for partition in partitions
    ]
    points += [
        Point(kind.__name__, (("broker", broker),), 1, AFTERMATH_MAX)
        for kind in (BrokerFenced, BrokerUnfenced)
        for broker in brokers
    ]
    return Course(
        is_warm,
        brokers=brokers,
        partitions=tuple(map(str, partitions)),
        points=tuple(points),
        topics=tuple((topic.name, topic.partitions) for topic in topics),
        # A gateway that writes dead letters is no application: nobody kills it as one, or writes under its id.
        clients=tuple(
            dict.fromkeys(
                event.client for event in report.trace if isinstance(event, RecordSent) and event.client != GATEWAY
            )
        ),
        replicas=tuple(
            topic.replicas_of(number, len(brokers)) for topic in topics for number in range(topic.partitions)
        ),
        waiting=tuple(one.name for one in scenario.cast if one.starts_after_us is None),
        knows_producers=is_warm and _met(report.trace, partitions, first_phase=False) <= _met(report.trace, partitions),
        log_dirs=scenario.cluster_as_set.log_dirs,
        members=_readers(report.trace, [one.name for one in scenario.cast]),
    )


def _readers(trace: Iterable[Any], applications: Sequence[str]) -> tuple[GroupMemberBegan, ...]:
    """Who reads as a member of a group, those left out that an application is."""
    began = [event for event in trace if isinstance(event, GroupMemberBegan)]
    return tuple(event for event in began if event.client not in applications)


AFTERMATH_MAX = 3
"""How many elections or changes of the ISR of a partition a schedule waits for at most."""

_ORDER = tuple(
    kind.__name__
    for kind in (PhaseBegan, RecordSent, RecordAcknowledged, BatchSent, BatchAppended, BatchReplicated, AuditLineKept)
)


def _of(partition: TopicPartition) -> Where:
    return tuple(zip(partition._fields, partition, strict=True))


def _counted(events: Iterable[Any], *, is_warm: bool) -> tuple[Counter[tuple[str, Where]], Counter[tuple[str, Where]]]:
    """Count each kind of moment: up to the end of the first phase, and in all."""
    before: Counter[tuple[str, Where]] = Counter()
    total: Counter[tuple[str, Where]] = Counter()
    for event in events:
        where: Where
        match event:
            case PhaseEnded(phase=1) if is_warm:
                before = Counter(total)
                continue
            case PhaseBegan():
                where = (("phase", event.phase),)
            case BatchSent() | BatchAppended() | BatchReplicated():
                where = _of(TopicPartition(event.topic, event.partition))
            case AuditLineKept():
                where = (("kind", event.kind),)
            case RecordSent() | RecordAcknowledged():
                where = ()
            case _:
                continue
        total[type(event).__name__, where] += 1
    return before, total


def _met(
    events: Iterable[Any], partitions: list[TopicPartition], *, first_phase: bool = True
) -> set[tuple[str, TopicPartition]]:
    """Name each partition that acknowledged a client's records in its first phase, or that may get some in the whole run."""
    met: set[tuple[str, TopicPartition]] = set()
    beyond: set[str] = set()
    for event in events:
        match event:
            case PhaseEnded(phase=1) if first_phase:
                beyond.add(event.client)
            case RecordAcknowledged() if event.client not in beyond:
                met.add((event.client, TopicPartition(event.topic, event.partition)))
            case RecordSent(key=None, partition=-1) if not first_phase:
                # Where nothing says where a record goes, it goes elsewhere as soon as something is amiss.
                met.update((event.client, one) for one in partitions if one.topic == event.topic)
            case _:
                pass
    return met
