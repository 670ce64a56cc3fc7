"""One play judged twice, and what came of it, as a value that goes from process to process."""

from __future__ import annotations

from typing import NamedTuple

from tests.second_judge.transactions.agreement import Judged


class Told(NamedTuple):
    """What came of one play."""

    lie: str
    """On which kind of transactions, and what somebody said that is not so."""
    checked: dict[str, int]
    broken: dict[str, int]
    differences: list[str]


def told(number: int) -> Told:
    """Judge the play of that number."""
    try:
        judged = Judged(number)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is ours, and the others are to be judged all the same
        return Told("failed", {}, {}, [f"play {number}: {error!r}"])
    verdicts = judged.verdicts().values()
    checked = {verdict.guarantee: verdict.checked for verdict in verdicts}
    broken = {verdict.guarantee: len(verdict.findings) for verdict in verdicts}
    return Told(f"V{judged.play.level} {judged.play.lie}", checked, broken, list(map(str, judged.differences())))
