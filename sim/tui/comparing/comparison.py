"""Two runs of one story compared: what they are compared by, where they part for a reason that matters, and every row of both."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from sim.judges.guarantees import paired
from sim.trace import events as cluster
from sim.tui.comparing.alignment import Kind, Row, Step, aligned
from sim.tui.comparing.meaning import FAULTS, Meanings
from sim.tui.comparing.way import RecordName, Way

if TYPE_CHECKING:
    from sim.judges.guarantees import Finding
    from sim.tui.session import Watched


class Focus(NamedTuple):
    """What the runs are compared by: some records, whose ways through both are set side by side."""

    records: tuple[RecordName, ...]
    name: str
    """`record 16`."""
    why: str
    """`lost in 1, and not in 2`."""
    finding: Finding | None = None
    run: int = 0
    """Which run the finding is of: 1, 2; 0 for none."""


class Comparison:
    """What there is to say of two runs, made when it is asked for."""

    def __init__(self, first: Watched, second: Watched) -> None:
        self.first, self.second = first, second
        self._meanings = Meanings(first), Meanings(second)

    @property
    def runs(self) -> tuple[Watched, Watched]:
        return self.first, self.second

    @cached_property
    def focus(self) -> Focus | None:
        """What one run's verdicts have against it and the other's have not; else the first record that was told otherwise."""
        return self._by_verdicts() or self._by_outcomes()

    @cached_property
    def way(self) -> list[Row]:
        """The ways of the focus's records, side by side; empty without a focus."""
        focus = self.focus
        if focus is None:
            return []
        moments = [moment.event for moment in focus.finding.moments] if focus.finding is not None else []
        own = [moments if focus.run == run else [] for run in (1, 2)]
        keys = [self._meanings[focus.run - 1].key(index) for index in moments]
        ways = [
            Way(watched, meanings, focus.records, keys=keys, events=events).steps()
            for watched, meanings, events in zip(self.runs, self._meanings, own, strict=True)
        ]
        return _in_order(aligned(*ways))

    @cached_property
    def rows(self) -> list[Row]:
        """Everything that happened in either run."""
        first, second = (meanings.steps() for meanings in self._meanings)
        return _in_order(aligned(first, second))

    @cached_property
    def causal(self) -> Row | None:
        """The first row that follows from the change and matters: in the way of what broke; else of anything but asides.

        None where the two runs differ in nothing, or in asides alone.
        """
        return _first_that_matters(self.way) or _first_that_matters(self.rows)

    @cached_property
    def is_same(self) -> bool:
        """Whether nothing differs, but perhaps the time that it took."""
        return all(row.kind is Kind.ALIKE for row in self.rows)

    @cached_property
    def marked(self) -> frozenset[tuple[int, int]]:
        """The causal row's events, as (run, event): whatever list shows them marks them."""
        row = self.causal
        steps = [] if row is None else [(run, step_in(row, run)) for run in (1, 2)]
        return frozenset((run, step.event) for run, step in steps if step is not None)

    def crossed(self, row: Row) -> list[Crossing]:
        """Give what a moved step is before in one run, and behind in the other: faults, elections, what became of other records."""
        return _crossed(row, _turns(self.way or self.rows))

    # -- what they are compared by ---------------------------------------------------------------------------------------

    def _by_verdicts(self) -> Focus | None:
        for mine, other in paired(self.first.verdicts, self.second.verdicts):
            there = [() if verdict is None else verdict.findings for verdict in (mine, other)]
            for run, (own, others) in enumerate((there, there[::-1]), start=1):
                told = {(finding.client, finding.record) for finding in others}
                for finding in own:
                    if (finding.client, finding.record) not in told:
                        verdict = mine if run == 1 else other
                        assert verdict is not None
                        not_there = "" if others else f", none in {3 - run}"
                        why = f"{verdict.guarantee} in {run}{not_there or f', and not in {3 - run}'}"
                        return Focus(self._records_of(finding, run), finding.name, why, finding, run)
        return None

    def _records_of(self, finding: Finding, run: int) -> tuple[RecordName, ...]:
        """Give the records that a finding tells of: its own, and those of its moments that are another's."""
        watched, meanings = self.runs[run - 1], self._meanings[run - 1]
        found = [RecordName(finding.client, finding.record)] if finding.record >= 0 else []
        for moment in finding.moments:
            if " of the " not in moment.role:
                continue
            event = watched.events[moment.event]
            if type(event) in {cluster.RecordSent, cluster.RecordAcknowledged}:
                found.append(RecordName(event.client, event.record))
                continue
            if type(event) is cluster.RecordRead:
                found += _written(watched, event)
                continue
            for client, batch in watched.ways.batches(moment.event):
                found += [RecordName(client, record) for record in meanings.records(client, batch)[:1]]
        return tuple(dict.fromkeys(found))[:RECORDS_MAX]

    def _by_outcomes(self) -> Focus | None:
        ends = [_outcomes(watched) for watched in self.runs]
        for name in dict.fromkeys((*ends[0], *ends[1])):
            mine, other = (end.get(name, "no answer") for end in ends)
            if mine != other:
                told = (
                    f"record {name.record}"
                    if len(_clients(self.runs)) == 1
                    else f"record {name.record} of {name.client}"
                )
                return Focus((name,), told, f"{mine} in 1, {other} in 2")
        return None


RECORDS_MAX = 3
"""How many records a comparison follows at most."""


class Crossing(NamedTuple):
    """What a step is on the one side of in one run, on the other side in the other."""

    text: str
    is_before_in_first: bool
    """Whether the step comes before it in the first run, and so behind it in the second."""
    is_fault: bool


def _pair(row: Row) -> tuple[Step, Step] | None:
    """Give the step as either run has it; None for one that only one has."""
    if row.kind is Kind.MOVED and row.twin is not None:
        return (row.first, row.twin) if row.first is not None else (row.twin, row.steps[0])
    return None if row.first is None or row.second is None else (row.first, row.second)


def _turns(rows: Sequence[Row]) -> list[tuple[Step, Step]]:
    """Give what both runs have of which it matters what else comes before it; each once."""
    pairs = (_pair(row) for row in rows)
    return list({pair[0].key: pair for pair in pairs if pair is not None and pair[0].is_turn}.values())


def _crossed(row: Row, turns: Sequence[tuple[Step, Step]]) -> list[Crossing]:
    own = _pair(row)
    if row.kind is not Kind.MOVED or own is None:
        return []
    one, other = own
    found: dict[str, Crossing] = {}
    for here, there in turns:
        is_before = here.event > one.event
        if here.key != one.key and is_before != (there.event > other.event):
            found.setdefault(here.text, Crossing(here.text, is_before, here.is_fault))
    # A fault is why it matters; an election follows from one.
    return sorted(found.values(), key=lambda one: not one.is_fault)


def _in_order(rows: list[Row]) -> list[Row]:
    """Let what is only sooner or later, amid what does not care, be one row again, where the first run has it."""
    turns = _turns(rows)
    settled: list[Row] = []
    for row in rows:
        pair = _pair(row) if row.kind is Kind.MOVED else None
        if pair is None or _crossed(row, turns):
            settled.append(row)
        elif row.first is not None:
            is_alike = pair[0].meaning == pair[1].meaning
            settled.append(Row(*pair, Kind.ALIKE if is_alike else Kind.OTHERWISE))
    return settled


def _written(watched: Watched, read: cluster.RecordRead) -> list[RecordName]:
    """Give the record that was read, by its topic, key and value; nothing where several are alike."""
    same = [
        RecordName(event.client, event.record)
        for event in watched.events
        if type(event) is cluster.RecordSent
        and (event.topic, event.key, event.value) == (read.topic, read.key, read.value)
    ]
    return same if len(same) == 1 else []


def _outcomes(watched: Watched) -> dict[RecordName, str]:
    found: dict[RecordName, str] = {}
    for event in watched.events:
        kind = type(event)
        if kind is cluster.RecordAcknowledged:
            found[RecordName(event.client, event.record)] = "told as written"
        elif kind is cluster.RecordFailed:
            fate = "not written" if event.outcome == "failed" else "perhaps written"
            found[RecordName(event.client, event.record)] = f"told as {fate}"
    return found


def _clients(runs: Sequence[Watched]) -> set[str]:
    return {event.client for watched in runs for event in watched.events if type(event) is cluster.RecordSent}


def _first_that_matters(rows: Sequence[Row]) -> Row | None:
    for row in rows:
        is_fault = any(step.is_fault for step in row.steps)
        # A fault that one run alone has, or at another moment, is the change itself, or follows from something that is told before.
        if row.kind is Kind.ALIKE or row.is_aside or (is_fault and row.kind is not Kind.OTHERWISE):
            continue
        return row
    return None


def step_in(row: Row, run: int) -> Step | None:
    """Give what a row tells of a run: 1 or 2; of a moved step where that run has it."""
    step = row.first if run == 1 else row.second
    return row.twin if step is None and row.kind is Kind.MOVED else step


__all__ = ["FAULTS", "Comparison", "Focus", "step_in"]
