"""Files in which a run is recorded, where a command takes them in a scenario's place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sim.cli.endings import CommandError

if TYPE_CHECKING:
    from sim.stories.planted import PlantedBug
    from sim.stories.scenario import Scenario
    from sim.stories.witness import Witness
    from sim.stories.workload import KeyValue


FIRST_SERVER = "b1:9092"
"""Where a client in a story asks first."""


class Begun(NamedTuple):
    """What a run begins with: a scenario as it is, or the run that a file holds."""

    scenario: Scenario
    name: str
    """What a witness of it calls the scenario."""
    seed: int
    records: list[KeyValue] | None = None
    """In place of the scenario's own."""
    records_of: str = ""
    mutant: PlantedBug | None = None


def story_named(what: str) -> Scenario:
    """Load a scenario; one from a file is told where its own properties or settings cannot be. Raises ScenarioError, ConfigError."""
    from producer.errors import ConfigError
    from sim.stories.mistakes import told_of_value
    from sim.stories.properties import configs_of, effective_properties
    from sim.stories.scenario import InvalidScenarioError, load, names_file
    from sim.stories.variation import split_name

    scenario = load(what)
    if names_file(what):
        try:
            configs_of(scenario, effective_properties(scenario, {}), FIRST_SERVER)
        except ConfigError as error:
            raise InvalidScenarioError(told_of_value(Path(split_name(what)[0]), str(error))) from error
    return scenario


def begun(what: str, seed: int | None) -> Begun:
    """Load a scenario, or the story of a witness with its properties, schedule, records and seed, unless another one is given.

    Raises CommandError, ScenarioError, UnknownBugError.
    """
    from sim.stories.workload import KeyValue

    if not names_recording(what):
        return Begun(story_named(what), what, seed or 0)
    witness = witness_in(Path(what))
    return Begun(
        witness.staged(witness.load()),
        witness.scenario,
        witness.seed if seed is None else seed,
        None if witness.records is None else [KeyValue(*record) for record in witness.records],
        witness.records_of,
        witness.mutant,
    )


def names_recording(what: str) -> bool:
    """Whether it is the path of a witness or a trace, and not a scenario's name or file."""
    return what.endswith((".json", ".jsonl")) or (Path(what).is_file() and not what.endswith(".py"))


def witness_in(file: Path) -> Witness:
    """Read a witness, or the one in a trace. Raises CommandError naming the file and what is wrong with it."""
    from sim.stories.witness import WitnessError, read_witness

    try:
        witness = read_witness(file)
        if witness.told is not None:
            witness.load()
    except OSError as error:
        raise CommandError(f"cannot read {file}: {error.strerror}") from error
    except WitnessError as error:
        raise CommandError(f"{file}: {error}" if str(file) not in str(error) else str(error)) from error
    return witness
