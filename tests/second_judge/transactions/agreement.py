"""Both judges on one play with transactions: what each finds, and where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.judges.guarantees import GUARANTEES, Ledger, State, Verdict
from sim.judges.record_id import RecordId
from sim.judges.verdict import Finding
from tests.second_judge.agreement import Difference, JudgeBug
from tests.second_judge.transactions.files import lines
from tests.second_judge.transactions.judge import JUDGES, Evidence
from tests.second_judge.transactions.play import READS_ALL, Play


class Judged:
    """One play, judged twice."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.play = Play(number)
        self.play.perform()
        self.events = self.play.trace.events
        self.ledger = Ledger(self.events)
        evidence = Evidence(self.events, lines(self.play.cluster))
        self.second: Mapping[str, set[Any]] = {name: judge(evidence) for name, judge in JUDGES.items()}

    def differences(self, bug: JudgeBug | None = None) -> list[Difference]:
        """Compare; with a bug, the oracle as it would be with that bug."""
        verdicts = self.verdicts() if bug is None else bug.judge(self.events)
        return list(self._differences(verdicts))

    def verdicts(self) -> dict[str, Verdict]:
        """What the oracle says."""
        return {name: GUARANTEES[name].judge(self.ledger) for name in JUDGES}

    def _differences(self, verdicts: Mapping[str, Verdict]) -> Iterator[Difference]:
        for name in JUDGES:
            verdict = verdicts[name]
            oracle = {self._subject(name, finding) for finding in verdict.findings}
            second = self.second[name]
            # No file tells when something was appended: whether that was before it was read, or before the id was taken over.
            is_of_time = name == "fencing" or (name == "aborted read" and self.play.lie == READS_ALL)
            is_same = second <= oracle if is_of_time else second == oracle
            if verdict.state is State.INCONCLUSIVE or not is_same:
                yield Difference(self.number, name, f"{verdict.state.value} {sorted(oracle)}", str(sorted(second)))

    def _subject(self, name: str, finding: Finding) -> Any:
        """What the second judge calls that."""
        record = RecordId(finding.client, finding.record)
        transactions = self.ledger.history.transactions
        if name == "torn":
            transaction = transactions.of_record[record]
            return transaction.client, transaction.number
        if name == "exactly once":
            origins = transactions.origins.get(record)
            if origins is not None:
                return origins[0].where, origins[0].offset
            (place,) = self.ledger.places[record]
            return place.where, place.offset
        return tuple(record)
