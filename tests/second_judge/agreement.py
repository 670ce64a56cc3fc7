"""Two judges on one run: what each finds, promise by promise and record by record, and where they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sim.cluster.cluster import Cluster
from sim.judges.guarantees import GUARANTEES, Ledger, State, Verdict
from sim.judges.record_id import RecordId
from sim.judges.report import Report
from sim.stories.runner import run
from tests.second_judge.disks import Id, agreed, decoded, leaders, logs, named
from tests.second_judge.judge import JUDGES, Evidence
from tests.second_judge.lies import HONEST, LIARS, Liar, a_millisecond_late
from tests.second_judge.stories import Small, small

LIES_ONE_IN = 4

Judge = Callable[[Ledger], Verdict]


@dataclass(frozen=True, slots=True)
class JudgeBug:
    """One planted bug of the oracle: what is wrong, and what takes whose place."""

    name: str
    what: str
    ledger: type[Ledger] = Ledger
    guarantees: Mapping[str, Judge] = field(default_factory=dict)

    def judge(self, events: Iterable[Any]) -> dict[str, Verdict]:
        """Judge a whole trace as the oracle would with this bug."""
        ledger = self.ledger(events)
        sound = {name: guarantee.judge(ledger) for name, guarantee in GUARANTEES.items() if name not in self.guarantees}
        # A ledger for each: a bug may change what it is given.
        return sound | {name: judge(self.ledger(events)) for name, judge in self.guarantees.items()}


def keeping(verdict: Verdict, wanted: Callable[[RecordId], bool]) -> Verdict:
    """Give the verdict as if only these records had been found."""
    found = tuple(one for one in verdict.findings if wanted(RecordId(one.client, one.record)))
    is_cleared = verdict.state is State.VIOLATED and not found
    return verdict._replace(findings=found, state=State.HOLDS if is_cleared else verdict.state)


class Difference(NamedTuple):
    """A promise on which two judges do not agree."""

    number: int
    guarantee: str
    oracle: str
    second: str

    def __str__(self) -> str:
        return f"story {self.number}, {self.guarantee}: the oracle says {self.oracle}, the second judge {self.second}"


class Judged(NamedTuple):
    """One story, judged twice."""

    number: int
    report: Report
    second: Mapping[str, set[Id]]
    """Promise -> the records that break it; empty for a run that did not end in a settled cluster."""
    gone: set[Id]
    """Records that lie nowhere in the end."""
    given: set[Id]
    """Records that any reader was given."""
    is_settled: bool

    def differences(self, bug: JudgeBug | None = None) -> list[Difference]:
        """Compare; with a bug, the oracle as it would be with that bug."""
        if bug is None:
            verdicts = {verdict.guarantee: verdict for verdict in self.report.verdicts}
        else:
            verdicts = bug.judge(self.report.trace.events)
        if not self.is_settled:
            # Nothing is final, so nobody may say that anything holds.
            return [
                Difference(self.number, name, verdict.state.value, "open: the cluster did not settle")
                for name, verdict in verdicts.items()
                if verdict.state is State.HOLDS
            ]
        found = [self._difference(name, verdicts) for name in JUDGES]
        return [one for one in found if one is not None]

    def _difference(self, name: str, verdicts: Mapping[str, Verdict]) -> Difference | None:
        verdict = verdicts[name]
        oracle = {(finding.client, finding.record) for finding in verdict.findings}
        second = self.second[name]
        if name == "misplaced":
            # The oracle has seen the logs of that time as well; of what is gone, no file tells any more where it lay.
            oracle, second = oracle - self.gone, second - self.gone
            if liar_of(self.number).told is a_millisecond_late:
                # Of what no reader was given, the oracle knows no time.
                second &= oracle | self.given
        is_open = verdict.state is State.INCONCLUSIVE and not second and not self.report.counts.read
        is_same = oracle == second and (verdict.state is State.VIOLATED) == bool(verdict.findings)
        if is_open or (is_same and verdict.state is not State.INCONCLUSIVE):
            return None
        return Difference(self.number, name, f"{verdict.state.value} {sorted(oracle)}", str(sorted(second)))


def liar_of(number: int) -> Liar:
    """Who lies in the story of that number."""
    return LIARS[number // LIES_ONE_IN % len(LIARS)] if number % LIES_ONE_IN == 1 else HONEST


def judged(number: int, *, seed: int = 0, without: tuple[str, ...] = ()) -> Judged:
    """Run the story of that number, and let the second judge look at it. Raises AssertionError for a breach of an invariant."""
    return judged_with(small(number, seed=seed, without=without), liar_of(number))


def judged_with(story: Small, liar: Liar, *, breaks: str | None = None) -> Judged:
    """Run a story with that liar in it, and let the second judge look at it; `breaks` is the invariant that is to be broken."""
    number = story.number
    seen: list[Cluster] = []
    with liar.at_work():
        report = run(story.scenario, story.seed, mutant=liar, at_end=seen.append)
    broken = None if report.breach is None else report.breach.invariant
    assert broken == breaks, f"story {number}: {report.breach}"
    if not report.is_settled:
        return Judged(number, report, {}, set(), set(), is_settled=False)
    final = {
        tp: tuple(line._replace(newest_ms=liar.newest.get((line.record, line.offset), line.newest_ms)) for line in log)
        for tp, log in agreed(logs(seen[0]), [line for line, _ in liar.compacted], leaders(seen[0])).items()
    }
    evidence = Evidence(report.trace.events, final, map(decoded, liar.thrown), liar.compacted, liar.expired)
    second = {name: judge(evidence) for name, judge in JUDGES.items()}
    gone = {record for record in evidence.sent if not evidence.places(record)}
    given = {named(read.headers) for read in evidence.reads()}
    return Judged(number, report, second, gone, given, is_settled=True)
