"""Two judges on one story in which groups read: what each finds, promise by promise, and where they differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from producer.records import TopicPartition
from sim.cluster.cluster import Cluster
from sim.cluster.internal_topics import CONSUMER_OFFSETS
from sim.judges.guarantees import State, Verdict
from sim.judges.report import Report
from sim.judges.verdict import Finding
from sim.stories.runner import run
from sim.trace.events import PositionFetched
from tests.second_judge.agreement import Difference, JudgeBug
from tests.second_judge.disks import NOBODY, Line, Log, agreed, decoded, leaders, logs, named
from tests.second_judge.groups.company import Company, Lie, lie_of
from tests.second_judge.groups.files import Place
from tests.second_judge.groups.judge import JUDGES, OF_GROUPS, Evidence, Files, place_name
from tests.second_judge.groups.stories import Small, small

_OFFSET = re.compile(r"offset (\d+) of ")
_PLACE = re.compile(r"group (.+) in (.+)-(\d+)")


class Judged(NamedTuple):
    """One story, judged twice."""

    number: int
    lie: Lie
    report: Report
    second: Mapping[str, set[Any]]
    """Promise -> what breaks it; of a run that did not end in a settled cluster only what members were told is judged."""
    gone: set[Any]
    """Records that lie nowhere in the end."""
    deeds: tuple[str, ...]
    """What members did that no fault says."""

    def differences(self, bug: JudgeBug | None = None) -> list[Difference]:
        """Compare; with a bug, the oracle as it would be with that bug."""
        if bug is None:
            verdicts = {verdict.guarantee: verdict for verdict in self.report.verdicts}
        else:
            verdicts = bug.judge(self.report.trace.events)
        return list(self._differences(verdicts))

    def _differences(self, verdicts: Mapping[str, Verdict]) -> Iterator[Difference]:
        for name in JUDGES:
            verdict = verdicts[name]
            if name not in self.second:
                # Nothing is final, so nobody may say that it holds.
                if verdict.state is State.HOLDS:
                    yield Difference(self.number, name, "holds", "open: the cluster did not settle")
                continue
            oracle, second = {self._subject(name, finding) for finding in verdict.findings}, self.second[name]
            is_violated, is_open = bool(verdict.findings), verdict.state is State.INCONCLUSIVE
            may_be_open = not self.report.is_settled or not self.report.counts.read
            if name == "misplaced":
                # The oracle has seen the logs of that time as well; of what is gone, no file tells any more where it lay.
                oracle, second = oracle - self.gone, second - self.gone
            if name == "forgotten" and any(one[0] == CONSUMER_OFFSETS for one in self.second.get("unread", ())):
                # Whoever reads it back does not get past a bit that flipped: the oracle does not know what is stored there.
                may_be_open = True
                second = {one for one in second if one in oracle or not isinstance(one, Place)}
            is_same = oracle == second and (verdict.state is State.VIOLATED) == is_violated
            if not is_same or (is_open and not may_be_open):
                yield Difference(self.number, name, f"{verdict.state.value} {_text(oracle)}", _text(second))

    def _subject(self, name: str, finding: Finding) -> Any:
        """What the second judge calls that."""
        events = self.report.trace.events
        if name == "two owners":
            assigned = [moment.event for moment in finding.moments if moment.role.startswith("assigned to ")]
            return tuple(assigned)
        if name == "forgotten":
            told = finding.event_of("position read")
            if isinstance(events[told], PositionFetched):
                return told
            match = _PLACE.fullmatch(finding.name)
            assert match, finding.name
            return Place(match[1], TopicPartition(match[2], int(match[3])))
        if finding.topic == CONSUMER_OFFSETS:
            match = _OFFSET.match(finding.name)
            assert match, finding.name
            return CONSUMER_OFFSETS, int(match[1])
        return finding.client, finding.record


def _text(things: Iterable[Any]) -> str:
    return "[" + ", ".join(sorted(map(str, things))) + "]"


def judged(number: int, *, seed: int = 0) -> Judged:
    """Run the story of that number, and let the second judge look at it. Raises AssertionError for a breach of an invariant."""
    return judged_with(small(number, seed=seed), lie_of(number))


def judged_with(story: Small, lie: Lie) -> Judged:
    """Run a story with that lie in it, and let the second judge look at it."""
    seen: list[Cluster] = []
    company = Company(lie, story.deeds)
    with company.at_work():
        report = run(story.scenario, story.seed, mutant=company, at_end=seen.append)
    broken = None if report.breach is None else report.breach.invariant
    assert broken is None or broken in lie.breaks, f"story {story.number}: {report.breach}"
    events, deeds = report.trace.events, tuple(company.done)
    if not report.is_settled:
        evidence = Evidence(events, Files({}, [], [], []), is_settled=False)
        words = {name: judge(evidence) for name, judge in OF_GROUPS.items()}
        return Judged(story.number, lie, report, words, set(), deeds)
    liar = company.liar
    final = {
        tp: _placed(
            line._replace(newest_ms=liar.newest.get((line.record, line.offset), line.newest_ms)) for line in log
        )
        for tp, log in agreed(logs(seen[0]), [line for line, _ in liar.compacted], leaders(seen[0])).items()
    }
    files = Files(
        final,
        [_placed(decoded(data)) for data in liar.thrown],
        [(_called(line), at_us) for line, at_us in liar.compacted],
        [(_called(line), at_us) for line, at_us in liar.expired],
    )
    evidence = Evidence(events, files)
    second = {name: {_coarse(one) for one in judge(evidence)} for name, judge in JUDGES.items()}
    of_records = evidence.of_records(whole=False)
    gone = {record for record in of_records.sent if not of_records.places(record)}
    return Judged(story.number, lie, report, second, gone, deeds)


def _placed(log: Iterable[Line]) -> Log:
    return tuple(map(_called, log))


def _called(line: Line) -> Line:
    """Give what nobody is named in by whose place of `__consumer_offsets` it is."""
    return line if line.record != NOBODY else line._replace(record=(place_name(line.key), line.offset))


def _coarse(found: Any) -> Any:
    """Of what a coordinator wrote, the oracle tells the offset alone."""
    if isinstance(found, tuple) and not isinstance(found, Place) and str(found[0]).startswith(place_name(None)):
        return CONSUMER_OFFSETS, found[1]
    return found


__all__ = ["Judged", "judged", "judged_with", "named"]
