"""A witness: everything needed to run something again, and what it showed. A JSON file that pydantic reads back.

It stands alone: the story is in it, as plain values, so that it can go into a ticket and be run on any machine. Only what is not
to be told, or cannot be, is left to the scenario's name: a story with secrets, or with a class of its own.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, ValidationError

from sim.faults.schedule import Entry
from sim.judges.report import Report
from sim.stories.fingerprint import fingerprint
from sim.stories.planted import PlantedBug, planted_bug
from sim.stories.properties import with_properties
from sim.stories.runner import run
from sim.stories.scenario import Scenario, ScenarioError, load, names_file
from sim.stories.variation import split_name
from sim.stories.workload import KeyValue
from sim.stories.written import NotReadError, NotWrittenError, read, written
from sim.trace.trace import FORMAT as TRACE_FORMAT

FORMAT = "acklab-witness-1"


def _to_bytes(given: object) -> object:
    return given.encode("latin-1") if isinstance(given, str) else given


def _to_text(data: bytes) -> str:
    return data.decode("latin-1")


Latin1 = Annotated[bytes, BeforeValidator(_to_bytes), PlainSerializer(_to_text, when_used="json")]
"""Bytes as text, one character a byte, as in a trace file."""


class WitnessError(Exception):
    """A file is no witness: the message names the file and what is wrong with it."""


class Witness(BaseModel):
    """One run, and what it showed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["acklab-witness-1"] = "acklab-witness-1"
    scenario: str
    """Name in the catalogue, or path of a file as seen from the witness's; what it is called, where the story itself is in it."""
    seed: int
    properties: dict[str, str]
    """The producers', all of them: they stand in for the scenario's own."""
    schedule: tuple[Entry, ...]
    """Stands in for the scenario's own."""
    records: tuple[tuple[Latin1 | None, Latin1 | None], ...] | None = None
    """(key, value) of each record; None for the scenario's own."""
    records_of: str = ""
    """Whose they are, where there are several applications."""
    digest: str
    verdicts: dict[str, str]
    """Guarantee -> `holds`, `violated` or `inconclusive`."""
    planted_bug: str = ""
    """Name of the bug of `sim.mutants` that was planted on purpose; empty for what users get."""
    story: str = ""
    """The scenario's fingerprint, by which a change of it is known; empty in a file that does not say."""
    acklab: str = ""
    """The version that wrote it; empty in a file that does not say."""
    told: dict[str, Any] | None = None
    """The story itself as plain values (`sim.stories.written`); None where its name has to do."""

    @classmethod
    def of(
        cls,
        report: Report,
        *,
        scenario: str,
        records: Sequence[KeyValue] | None,
        records_of: str = "",
        story: Scenario | None = None,
    ) -> Witness:
        """Write down a run. `scenario` is the name or path under which `story` was loaded."""
        return cls(
            scenario=scenario,
            seed=report.seed,
            properties=dict(report.properties),
            schedule=report.schedule,
            records=None if records is None else tuple((key, value) for key, value in records),
            records_of=records_of,
            digest=report.digest,
            verdicts={verdict.guarantee: verdict.state.value for verdict in report.verdicts},
            planted_bug=report.planted_bug,
            story="" if story is None else fingerprint(story),
            acklab=version("acklab"),
            told=None if story is None else told_alone(story),
        )

    def load(self) -> Scenario:
        """Give the story: the one in it, else the one that is found by its name.

        Raises ScenarioError if the name finds none, WitnessError if what is in it is no story.
        """
        if self.told is None:
            return load(self.scenario)
        try:
            return read(self.told)
        except NotReadError as error:
            raise WitnessError(f"the story in it cannot be read: {error}") from error

    def staged(self, scenario: Scenario) -> Scenario:
        """Give the scenario with this witness's properties and schedule in place of its own."""
        return replace(with_properties(scenario, self.properties), schedule=self.schedule)

    def replay(self) -> Report:
        """Run it again, its planted bug included.

        Raises ScenarioError or WitnessError if there is no story, UnknownBugError if the bug is gone, ConfigError if the
        properties no longer pass.
        """
        records = None if self.records is None else [KeyValue(*record) for record in self.records]
        staged = self.staged(self.load())
        return run(staged, self.seed, records=records, records_of=self.records_of, mutant=self.mutant)

    @property
    def mutant(self) -> PlantedBug | None:
        """The bug to plant, as `sim.stories.runner.run` takes it. Raises UnknownBugError."""
        return planted_bug(self.planted_bug) if self.planted_bug else None

    def what_changed(self, scenario: Scenario) -> str:
        """Say what is another one than when it was written, if anything is: then a run may be another, too.

        `scenario` is what `load` gave.
        """
        if self.story and self.story != fingerprint(scenario):
            return (
                "the story in it was changed since" if self.told is not None else f"{self.scenario} has changed since"
            )
        if self.acklab and self.acklab != version("acklab"):
            return f"acklab has changed since: it was {self.acklab}, and is {version('acklab')}"
        return ""

    @property
    def is_here(self) -> bool:
        """Whether what goes by the story's name here is that story, so that its name will do."""
        return self.told is None or self._here() == self.story

    def differs_from_here(self) -> str:
        """Say that what goes by the story's name here is another story by now; empty if it is the same, or none is found."""
        if self.told is None or self._here() in {self.story, ""}:
            return ""
        return f"{self.scenario} has changed since: this is the story as it was, which the file holds"

    def _here(self) -> str:
        try:
            return fingerprint(load(self.scenario))
        except ScenarioError:
            return ""

    def as_json(self, *, beside: Path | None = None) -> dict[str, Any]:
        """Give it as plain values, bytes as text; a scenario's file is named as seen from the file `beside`, if that is given."""
        plain = self.model_dump(mode="json")
        if beside is not None and names_file(self.scenario):
            # Whoever takes both files along finds one from the other, on any machine.
            path = os.path.join(os.curdir, os.path.relpath(self.scenario, beside.parent))  # noqa: PTH118
            plain["scenario"] = path if self.told is None or _is_near(path) else f"{os.curdir}{os.sep}{Path(path).name}"
        return plain

    def text(self, *, beside: Path) -> str:
        """Give what stands in a witness file that will lie there."""
        return json.dumps(self.as_json(beside=beside), indent=2) + "\n"


def told_alone(story: Scenario) -> dict[str, Any] | None:
    """Give the story for a witness that stands alone; None for one that is not to be told, or cannot be."""
    try:
        return written(story)
    except NotWrittenError:
        return None


def why_not_alone(story: Scenario) -> str:
    """Say why a witness of that story does not stand alone; empty if it does."""
    try:
        written(story)
    except NotWrittenError as error:
        return str(error)
    return ""


def _is_near(path: str) -> bool:
    """Whether a path, seen from a witness, names no folder that lies elsewhere on this machine."""
    plain, _ = split_name(path)
    parts = [part for part in Path(plain).parts if part != os.curdir]
    return os.pardir not in parts or all(part == os.pardir for part in parts[:-1])


def read_witness(path: Path) -> Witness:
    """Read a witness file, or the witness in the header of a trace file. Raises OSError or WitnessError.

    A scenario's file is looked for where it lies as seen from that file.
    """
    with path.open(encoding="utf-8") as source:
        try:
            first = source.readline()
            content = _header_of_trace(first)
            given = json.loads(first + source.read()) if content is None else content
            return found_from(path, Witness.model_validate(given))
        except ValidationError as error:
            worst = error.errors()[0]
            where = ".".join(str(part) for part in worst["loc"]) or "the whole"
            raise WitnessError(f"{path} is not a witness: {where}: {worst['msg'].lower()}") from error
        except ValueError as error:
            raise WitnessError(f"{path} is neither a witness nor a trace: {error}") from error


def found_from(path: Path, witness: Witness) -> Witness:
    """Name a scenario's file, which a witness at that path names as seen from there, as it is seen from here."""
    if not names_file(witness.scenario):
        return witness
    return witness.model_copy(update={"scenario": os.path.normpath(path.parent / witness.scenario)})


def _header_of_trace(line: str) -> Any:
    """Give the witness in a trace's first line; None if it is not that."""
    try:
        header = json.loads(line)
    except ValueError:
        # A witness is written over several lines.
        return None
    if not isinstance(header, dict) or header.get("format") != TRACE_FORMAT:
        return None
    return header.get("witness")
