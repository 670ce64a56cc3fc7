"""What somebody may ask why of: an event, a record, an acknowledgement, a broken promise; in words, or where a playhead stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from sim.tui.view_model.causality import WhyStep, why
from sim.tui.view_model.marks import decisive

if TYPE_CHECKING:
    from sim.judges.guarantees import Finding
    from sim.tui.session import Watched

_NUMBER = re.compile(r"#?(\d{1,12})", re.ASCII)
_RECORD = re.compile(r"record (\d{1,12})(?: of (\S+))?", re.ASCII)


class QuestionError(Exception):
    """Nothing of this run is called so: the message names it, and what there is."""


class Question(NamedTuple):
    """One event to explain, and what a judge says of it."""

    event: int
    finding: Finding | None = None
    """The broken promise that it decides; None where it decides none."""

    def steps(self, watched: Watched) -> list[WhyStep]:
        """Give the way back from it."""
        named = () if self.finding is None else self.finding.moments
        beside = [moment.event for moment in named if moment.role != "read"]
        return why(watched.causes, self.event, beside=beside)


def question_at(watched: Watched, index: int) -> Question:
    """Ask about an event; where a promise broke at it, about the first record that shows it."""
    for finding in _findings(watched):
        if decisive(finding) == index:
            return Question(index, finding)
    return Question(index)


def question_of(watched: Watched, text: str) -> Question:
    """Read `#128`, `record 16`, `record 16 of app.2`, or the name of a broken promise, `lost`. Raises QuestionError."""
    text = text.strip()
    number = _NUMBER.fullmatch(text)
    if number is not None:
        last = len(watched.events) - 1
        if int(number[1]) > last:
            raise QuestionError(f"{text} is behind the end: the events are #0..#{last}")
        return question_at(watched, int(number[1]))
    record = _RECORD.fullmatch(text)
    if record is not None:
        return _of_record(watched, int(record[1]), record[2])
    return _of_promise(watched, text)


def _of_record(watched: Watched, number: int, client: str | None) -> Question:
    """Ask how a record ended: how its promise broke, else what its application was told of it last, else its send."""
    for finding in _findings(watched):
        place = decisive(finding)
        if finding.record == number and client in {None, finding.client} and place is not None:
            return Question(place, finding)
    names = ("RecordAcknowledged", "RecordFailed", "RecordSent")
    found: dict[str, int] = {}
    for place, event in enumerate(watched.events):
        name = type(event).__name__
        if name in names and event.record == number and client in {None, event.client}:
            found[name] = place
    for name in names:
        if name in found:
            return Question(found[name])
    whose = "" if client is None else f" of {client}"
    raise QuestionError(f"nobody sent record {number}{whose} in this run")


def _of_promise(watched: Watched, text: str) -> Question:
    judged = {verdict.guarantee: verdict for verdict in watched.verdicts}
    verdict = judged.get(text)
    if verdict is None:
        near = get_close_matches(text, judged, n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise QuestionError(f"{text!r} is no event, record or promise: expected #128, record 16 or lost{meant}")
    for finding in verdict.findings:
        place = decisive(finding)
        if place is not None:
            return Question(place, finding)
    raise QuestionError(f"{text} is {verdict.state.value} in this run: {verdict.promise}; there is nothing to explain")


def _findings(watched: Watched) -> Sequence[Finding]:
    return [finding for verdict in watched.verdicts for finding in verdict.findings]
