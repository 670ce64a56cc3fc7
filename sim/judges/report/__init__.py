"""What one run shows: verdicts, counts, the digest, the faults that did not strike; as a value and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sim.faults.schedule import Schedule
from sim.judges.guarantees import Finding, State, Verdict
from sim.judges.invariants import Breach, GivenUp
from sim.judges.report.application_work import ApplicationWork
from sim.judges.report.counts import ClientCounts, Counts, counted, counted_by_client
from sim.judges.report.partitions import TopicLoad, topic_loads
from sim.judges.report.schema_counts import SchemaCounts, schema_counts
from sim.judges.report.telling import chain
from sim.judges.report.words import text_of
from sim.trace.trace import Trace

__all__ = [
    "FORMAT",
    "ApplicationWork",
    "ClientCounts",
    "Counts",
    "Report",
    "SchemaCounts",
    "TopicLoad",
    "Unstruck",
    "chain",
    "counted",
    "counted_by_client",
    "schema_counts",
    "text_of",
    "topic_loads",
]

FORMAT = "acklab-report-3"
"""Goes up with every change that a reader of the JSON would notice."""

HOLDS, VIOLATED, INCONCLUSIVE = 0, 1, 3
"""Exit codes of a run."""


class Unstruck(NamedTuple):
    """A fault of the schedule that did not strike, and why."""

    entry: int
    """Its place in the schedule, from 0; behind the schedule stand those who read while the story goes on."""
    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run of one scenario."""

    scenario: str
    seed: int
    properties: Mapping[str, str]
    """The producer's, without the bootstrap servers."""
    schedule: Schedule
    verdicts: tuple[Verdict, ...]
    counts: Counts
    clients: tuple[ClientCounts, ...]
    """The counts of each client that sent anything, in the order of their first sends."""
    digest: str
    events: int
    virtual_us: int
    is_settled: bool
    """Whether every partition had a leader and every replica in sync at the end."""
    stopped: str
    """Why the run was cut short; empty if it was not."""
    unfired: tuple[Unstruck, ...]
    """Faults whose moment never came."""
    refused: tuple[Unstruck, ...]
    """Faults whose moment came, but which the cluster did not allow."""
    expects: frozenset[str]
    """What the scenario says it breaks."""
    planted_bug: str = ""
    """Name of the bug that was planted on purpose; empty for a run of what users get."""
    breach: Breach | None = None
    """The first invariant that did not hold, where a bug was planted; any other run would have ended there."""
    given_up: tuple[GivenUp, ...] = ()
    """Committed offsets that the cluster was allowed to lose, and why."""
    healed_us: int = 0
    """Since when nothing was left of any fault: all was repaired, the dead were back, and disks were through with what they did slowly."""
    works: tuple[ApplicationWork, ...] = ()
    """Of the applications that process or write in transactions, and of no other."""
    schemas: tuple[SchemaCounts, ...] = ()
    """Of the clients whose values had no bytes, or whose records no values."""
    trace: Trace
    """Every event of the run."""

    @property
    def violated(self) -> tuple[Verdict, ...]:
        return tuple(verdict for verdict in self.verdicts if verdict.state is State.VIOLATED)

    @property
    def is_as_expected(self) -> bool:
        """Whether exactly the promises broke that the scenario names, and the schedule was carried out."""
        return {verdict.guarantee for verdict in self.violated} == self.expects and self.is_conclusive

    @property
    def missed(self) -> tuple[Unstruck, ...]:
        """Faults that the story asks for and that did not strike: the run is not the one that was meant."""
        allowed = [place for place, entry in enumerate(self.schedule) if entry.may_be_refused]
        refused = [one for one in self.refused if one.entry not in allowed]
        return (*self.unfired, *refused)

    @property
    def exit_code(self) -> int:
        """0 holds, 1 violated, or an invariant breached by a planted bug, 3 inconclusive."""
        if self.violated or self.breach is not None:
            return VIOLATED
        return HOLDS if self.is_conclusive else INCONCLUSIVE

    @property
    def is_conclusive(self) -> bool:
        """Whether the schedule was carried out, to the end, and every judge could tell."""
        is_open = any(verdict.state is State.INCONCLUSIVE for verdict in self.verdicts)
        return not (is_open or self.missed or self.stopped)

    def verdict(self, guarantee: str) -> Verdict:
        """The verdict of one judge. Raises KeyError."""
        for verdict in self.verdicts:
            if verdict.guarantee == guarantee:
                return verdict
        raise KeyError(guarantee)

    def as_json(self) -> dict[str, Any]:
        """Give the report as one object of plain values."""
        # A story in which nobody processes or writes in transactions has no word of it.
        works = {"applications": [work.as_json() for work in self.works]} if self.works else {}
        return {
            "format": FORMAT,
            "scenario": self.scenario,
            "seed": self.seed,
            "properties": dict(self.properties),
            **works,
            **({"schemas": [one.as_json() for one in self.schemas]} if self.schemas else {}),
            "schedule": [str(entry) for entry in self.schedule],
            "exit_code": self.exit_code,
            "verdicts": [_verdict_json(verdict) for verdict in self.verdicts],
            "expects": sorted(self.expects),
            "planted_bug": self.planted_bug,
            "breach": None if self.breach is None else self.breach._asdict(),
            "given_up": [one._asdict() | {"tp": str(one.tp)} for one in self.given_up],
            "counts": self.counts._asdict(),
            "clients": [counts._asdict() for counts in self.clients],
            "digest": self.digest,
            "events": self.events,
            "virtual_us": self.virtual_us,
            "is_settled": self.is_settled,
            "stopped": self.stopped,
            "unfired": [unstruck._asdict() for unstruck in self.unfired],
            "refused": [unstruck._asdict() for unstruck in self.refused],
            "topics": [_topic_json(load) for load in topic_loads(self.trace)],
        }


def _verdict_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "guarantee": verdict.guarantee,
        "promise": verdict.promise,
        "state": verdict.state.value,
        "checked": verdict.checked,
        "findings": [_finding_json(finding) for finding in verdict.findings],
    }


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        **finding._asdict(),
        "key": None if finding.key is None else text_of(finding.key),
        "replicas": [replica._asdict() for replica in finding.replicas],
        "moments": [moment._asdict() for moment in finding.moments],
    }


def _topic_json(load: TopicLoad) -> dict[str, Any]:
    return {
        "topic": load.topic,
        "skew": round(load.skew, 3),
        "partitions": [
            {
                "partition": partition.where.partition,
                "records": partition.records,
                "bytes": partition.size_bytes,
                "share": round(partition.share, 4),
                "keys": partition.keys,
                "hottest": [{"key": text_of(hot.key), "records": hot.records} for hot in partition.hottest],
            }
            for partition in load.partitions
        ],
    }
