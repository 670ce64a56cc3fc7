"""One run as the screens have it: its events, its verdicts, and what it takes to run it again with one thing changed."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from importlib.metadata import version
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from producer.config.config import ProducerConfig
from producer.errors import ConfigError
from sim.faults.schedule import Schedule
from sim.judges.guarantees import State as Judged
from sim.judges.guarantees import Verdict, judge
from sim.judges.report import Report
from sim.stories.fingerprint import fingerprint
from sim.stories.planted import PlantedBug
from sim.stories.properties import configs_of, own_properties, with_properties
from sim.stories.runner import run
from sim.stories.scenario import Scenario, ScenarioError, load
from sim.stories.witness import Witness, WitnessError, found_from, read_witness, told_alone
from sim.stories.workload import KeyValue
from sim.trace.events import FaultInjected, FaultRefused
from sim.trace.trace import Event, Trace, TraceError, TraceHeader, no_collection
from sim.tui.trace_index.stored_events import StoredEvents
from sim.tui.trace_index.trace_index import DAMAGES, TraceIndex, index_of, key_of, read_index, write_index
from sim.tui.traffic import Traffic, traffic_of
from sim.tui.view_model import Film, Marks, Objects, State, Ways
from sim.tui.view_model.causality import Causes
from sim.tui.view_model.loads import Loads
from sim.tui.view_model.logs import Logs
from sim.tui.view_model.metrics import Metrics
from sim.tui.view_model.space_time import SpaceTime
from sim.tui.view_model.state_hash import state_hash

BROKEN, UNSURE = 1, 3
"""Exit codes of a run that broke a promise, or does not show enough."""

INDEXED_FROM_BYTES = 2_000_000
"""A trace's file of this size or more has an index: a smaller one is read in less than a second."""


class NotWatchedError(Exception):
    """A file cannot be watched: the message names it and what is wrong with it."""


@dataclass(frozen=True)
class Watched:
    """One run."""

    name: str
    """The scenario's."""
    source: str
    """Under which name or path it is loaded; empty if nobody knows."""
    seed: int
    properties: Mapping[str, str]
    """The producer's, those that were set."""
    schedule: Schedule
    events: Sequence[Any]
    begun_us: int
    """When its story began, on the clock of the events."""
    verdicts: tuple[Verdict, ...]
    digest: str
    scenario: Scenario | None = None
    """The scenario as it is loaded, to run it again; None if it cannot be had."""
    records: tuple[KeyValue, ...] | None = None
    """Records that stand in for the scenario's own."""
    records_of: str = ""
    """Whose they are, where there are several applications."""
    input_file: str = ""
    """Where those were read from."""
    mutant: PlantedBug | None = None
    remarks: tuple[str, ...] = ()
    """What did not go as planned."""
    is_sure: bool = True
    """Whether the schedule was carried out in full."""
    changed: str = ""
    """What was changed to get this run out of another; empty if nothing was."""
    changes: tuple[Any, ...] = ()
    """Every change (`sim.tui.changes.Change`) that was made one after the other, from the run that somebody began with."""
    unchanged: Watched | None = field(default=None, repr=False)
    """That run; None for it itself."""
    witness: Witness | None = field(default=None, repr=False)
    is_apart: bool = False
    """Whether its story is a file's own: what goes by its name here is another one, or there is none."""

    def with_origin(self, *, records_of: str, source: str | None, mutant: PlantedBug | None) -> Watched:
        """Say whose records stand in for the scenario's own and where they were read from, as `--input` says it."""
        # What came through a pipe is not there a second time.
        is_kept = source is not None and Path(source.removeprefix(f"{records_of}=")).is_file()
        return replace(self, records_of=records_of, input_file=source if source and is_kept else "", mutant=mutant)

    @cached_property
    def film(self) -> Film:
        return Film(self.events, begun_us=self.begun_us, delivery_timeouts_us=self.delivery_timeouts_us)

    @property
    def delivery_timeouts_us(self) -> dict[str, int]:
        """Each application's `delivery.timeout.ms`; nothing where its scenario cannot be had."""
        return {name: config.delivery_timeout_ms * 1_000 for name, config in self.configs.items()}

    @cached_property
    def configs(self) -> dict[str, ProducerConfig]:
        """What each application gave its producer; nothing where its scenario cannot be had, or is of another version."""
        if self.scenario is None:
            return {}
        try:
            return configs_of(self.scenario, self.properties, "b1:9092")
        except ConfigError:
            # A file from another version: its events are as they are, only these deadlines are Kafka's default.
            return {}

    @cached_property
    def marks(self) -> Marks:
        return Marks(self.events, self.verdicts)

    @cached_property
    def ways(self) -> Ways:
        return Ways(self.events)

    @cached_property
    def causes(self) -> Causes:
        with no_collection():
            return Causes(self.events)

    @cached_property
    def space_time(self) -> SpaceTime:
        with no_collection():
            return SpaceTime(self.events, self.film)

    @cached_property
    def objects(self) -> Objects:
        return Objects(self.events)

    @cached_property
    def metrics(self) -> Metrics:
        return Metrics(self.film)

    @cached_property
    def traffic(self) -> Traffic:
        staged = None
        if self.scenario is not None:
            staged = replace(with_properties(self.scenario, self.properties), schedule=self.schedule)
        return traffic_of(
            staged, self.seed, self.events, records=self.records, records_of=self.records_of, mutant=self.mutant
        )

    @cached_property
    def logs(self) -> Logs:
        return Logs(self.events)

    @cached_property
    def loads(self) -> Loads:
        return Loads(self.events)

    @cached_property
    def sent(self) -> int:
        """How many records were sent in all."""
        last = self.film.state_at(len(self.events) - 1)
        return sum(one.sent for one in last.applications.values())

    def grow(self, more: Sequence[Any]) -> None:
        """Add what happened since, to a run that is watched while it goes on: its `events` are a list then."""
        assert isinstance(self.events, list), "the events of this run are all there"
        self.events.extend(more)
        for part in (self.film, self.marks, self.ways, self.objects):
            part.grow()
        if "space_time" in self.__dict__:
            self.space_time.grow()
        for made_of_all in ("sent", "causes"):
            self.__dict__.pop(made_of_all, None)

    def begins_with(self, state: State) -> None:
        """Say in which state its trace begins, where its cluster was there before."""
        self.__dict__["film"] = Film(self.events, begun_us=self.begun_us, begins_with=state)

    def opens_with(self, index: TraceIndex) -> None:
        """Take what an index has of its events, so that none of them has to be read for it."""
        places = {"faults": index.faults, "acknowledgements": index.acknowledgements}
        self.__dict__.update(
            film=index.film(self.events, begun_us=self.begun_us),
            marks=Marks.of_places(self.events, self.verdicts, **places),
            ways=Ways.of_links(self.events, index.links),
            objects=Objects.of_kept(self.events, index.objects),
        )

    def standing_still(self) -> Watched:
        """Give what there is by now as a run of its own, for who looks at it while this one goes on."""
        still = replace(self, events=list(self.events))
        still.begins_with(self.film.state_at(-1))
        return still

    @property
    def exit_code(self) -> int:
        """0 holds, 1 violated, 3 inconclusive; as `acklab run` has it."""
        states = {verdict.state for verdict in self.verdicts}
        if Judged.VIOLATED in states:
            return BROKEN
        return UNSURE if Judged.INCONCLUSIVE in states or not self.is_sure else 0

    @property
    def title(self) -> str:
        """Whose run it is, in a few words."""
        bug = f" with the planted bug {self.mutant.name}" if self.mutant is not None else ""
        return f"{self.name}, seed {self.seed}{bug}"

    @property
    def properties_text(self) -> str:
        return " ".join(f"{name}={value}" for name, value in self.properties.items()) or "default configuration"

    @cached_property
    def fault_hash(self) -> str:
        """Eight hex digits over what makes this run another one of its scenario and seed: faults, properties, settings, records, a planted bug."""
        told = [f"{name}={value}" for name, value in sorted(self.properties.items())]
        told += [str(entry) for entry in self.schedule]
        told += [] if self.records is None else [self.records_of, *map(repr, self.records)]
        told.append("" if self.mutant is None else self.mutant.name)
        return blake2b("\n".join(told).encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()

    def moment(self, index: int) -> str:
        """Name a moment for people: scenario, seed, the hash of its faults, the event."""
        return f"{self.name}@{self.seed}:{self.fault_hash}#{index}"

    def state_hash(self, index: int) -> str:
        """Give the hash of the state right after an event: whoever opens that moment has the same."""
        return state_hash(self.film.state_at(index))

    @property
    def words(self) -> list[str] | None:
        """Give the words behind `acklab run` that repeat this run; None if only a witness file can say it."""
        scenario = self.scenario
        if scenario is None or (self.records is not None and not self.input_file):
            return None
        if self.is_apart:
            return None
        kept = len(scenario.schedule)
        own = own_properties(scenario)
        if self.schedule[:kept] != scenario.schedule or own.keys() - self.properties.keys():
            return None
        words = [self.source, "--seed", str(self.seed)]
        for name, value in self.properties.items():
            if own.get(name) != value:
                words += ["--set", f"{name}={value}"]
        for entry in self.schedule[kept:]:
            words += ["--fault", str(entry)]
        if self.mutant is not None:
            words += ["--planted-bug", self.mutant.name]
        return [*words, "--input", self.input_file] if self.input_file else words

    def command(self, verb: str, *, file: str, index: int | None = None) -> str:
        """Give the command that runs or watches this again; `file` is where its witness lies if one is needed."""
        words = self.words
        at = [] if index is None else ["--at", str(index)]
        if words is not None:
            return shlex.join(["acklab", verb, *words, *at])
        return shlex.join(["acklab", "replay" if verb == "run" else verb, file, *at])

    def as_witness(self) -> Witness:
        """Write this run down."""
        if self.witness is not None:
            return self.witness
        return Witness(
            scenario=self.source or self.name,
            seed=self.seed,
            properties=dict(self.properties),
            schedule=self.schedule,
            records=None if self.records is None else tuple((key, value) for key, value in self.records),
            records_of=self.records_of,
            digest=self.digest,
            verdicts={verdict.guarantee: verdict.state.value for verdict in self.verdicts},
            planted_bug="" if self.mutant is None else self.mutant.name,
            story="" if self.scenario is None else fingerprint(self.scenario),
            acklab=version("acklab"),
            told=None if self.scenario is None else told_alone(self.scenario),
        )

    def witness_text(self, *, beside: Path) -> str:
        """Give the text of a witness file that will lie there."""
        return self.as_witness().text(beside=beside)

    def again(
        self, *, properties: Mapping[str, str], schedule: Schedule, changed: str, seed: int | None = None
    ) -> Watched:
        """Run it again, with the same records, and the same seed unless one is given.

        Raises ConfigError, or RuntimeError if its scenario cannot be had.
        """
        if self.scenario is None:
            raise RuntimeError(f"the scenario {self.name!r} is not here, so it cannot be run again")
        staged = replace(with_properties(self.scenario, properties), schedule=schedule)
        seed = self.seed if seed is None else seed
        report = run(staged, seed, records=self.records, records_of=self.records_of, mutant=self.mutant)
        again = of_report(report, source=self.source, scenario=self.scenario, records=self.records)
        return replace(
            again,
            records_of=self.records_of,
            input_file=self.input_file,
            mutant=self.mutant,
            changed=changed,
            is_apart=self.is_apart,
        )


def of_report(report: Report, *, source: str, scenario: Scenario, records: Sequence[KeyValue] | None = None) -> Watched:
    """Watch a run that was just made; `scenario` is as it was loaded under `source`."""
    remarks = [f"no fault: {one.text} ({one.reason})" for one in report.unfired]
    remarks += [f"no effect: {one.text} ({one.reason})" for one in report.refused]
    if report.stopped:
        remarks.append(f"cut short: {report.stopped}")
    if report.breach is not None:
        remarks.append(f"invariant breached: {report.breach.invariant}: {report.breach.what}")
    return Watched(
        name=report.scenario,
        source=source,
        seed=report.seed,
        properties=report.properties,
        schedule=report.schedule,
        events=report.trace.events,
        begun_us=report.trace.begun_us,
        verdicts=report.verdicts,
        digest=report.digest,
        scenario=scenario,
        records=None if records is None else tuple(records),
        remarks=tuple(remarks),
        is_sure=not report.missed and not report.stopped,
    )


def of_scenario(source: str, *, seed: int = 0) -> Watched:
    """Run a scenario of the catalogue, or of a file, and watch it. Raises ScenarioError."""
    scenario = load(source)
    return of_report(run(scenario, seed), source=source, scenario=scenario)


def _tells_nobody(_: str) -> None:
    """Nobody waits for it."""


def of_file(
    path: Path, *, tell: Callable[[str], None] = _tells_nobody, indexed_from_bytes: int = INDEXED_FROM_BYTES
) -> Watched:
    """Watch a trace, or run a witness again and watch that. Raises NotWatchedError, OSError or WitnessError.

    A trace of `indexed_from_bytes` or more has an index beside it, which is made when it is opened for the first time;
    `tell` is told meanwhile what is being done.
    """
    with path.open(encoding="utf-8") as source:
        try:
            is_trace = '"acklab-trace-' in source.read(200)
        except UnicodeDecodeError as error:
            raise NotWatchedError(f"{path} is neither a trace nor a witness: it is not text") from error
    if not is_trace:
        return _of_witness(path)
    with no_collection():
        content = path.read_bytes()
        watched = _without_events(path, content)
        if len(content) < indexed_from_bytes:
            return _read_whole(path, content, watched, _tells_nobody)
        key = key_of(content, watched.delivery_timeouts_us)
        lines = content.removesuffix(b"\n").split(b"\n")[1:]
        try:
            index = read_index(path, key, total=len(lines))
            if index is not None:
                return _opened(watched, StoredEvents(lines), index)
        except DAMAGES:
            # Whole, and made by somebody who makes others.
            pass
        return _indexed(path, content, watched, key, tell)


def _opened(watched: Watched, events: StoredEvents, index: TraceIndex) -> Watched:
    watched = _with_events(watched, events, [events[place] for place in index.faults], index.verdicts)
    watched.opens_with(index)
    return watched


def _indexed(path: Path, content: bytes, watched: Watched, key: str, tell: Callable[[str], None]) -> Watched:
    """Read a trace, and keep an index for the next time."""
    watched = _read_whole(path, content, watched, tell)
    tell(f"{path.name} is opened for the first time: 3 of 4, folding {len(watched.events)} events")
    index = index_of(watched.film, watched.verdicts, watched.marks, watched.ways, watched.objects)
    tell(f"{path.name} is opened for the first time: 4 of 4, writing its index")
    write_index(path, key, index)
    return watched


def _read_whole(path: Path, content: bytes, watched: Watched, tell: Callable[[str], None]) -> Watched:
    tell(f"{path.name} is opened for the first time: 1 of 4, reading {len(content) // 1_000_000} MB")
    events = _trace_of(path, content)[1].events
    if not events:
        raise NotWatchedError(f"{path} is a trace without events")
    tell(f"{path.name} is opened for the first time: 2 of 4, judging {len(events)} events")
    struck = [event for event in events if type(event) in _STRUCK]
    return _with_events(watched, events, struck, judge(events))


def _with_events(
    watched: Watched, events: Sequence[Event], struck: Sequence[Event], verdicts: tuple[Verdict, ...]
) -> Watched:
    missed = _missed_in(struck, watched.schedule)
    return replace(watched, events=events, verdicts=verdicts, remarks=(*missed, *watched.remarks), is_sure=not missed)


def _trace_of(path: Path, content: bytes) -> tuple[TraceHeader, Trace]:
    try:
        return Trace.read(TextIOWrapper(BytesIO(content), encoding="utf-8"))
    except (TraceError, UnicodeDecodeError) as error:
        raise NotWatchedError(f"{path}: {error}") from error


def _without_events(path: Path, content: bytes) -> Watched:
    """Give the run that a trace's header tells of, before anything happened."""
    header, trace = _trace_of(path, content[: content.find(b"\n") + 1 or None])
    try:
        witness = found_from(path, Witness.model_validate(header.witness))
    except ValidationError:
        witness = None
    scenario, why_not = _scenario_of(header.scenario, witness)
    return Watched(
        name=header.scenario,
        source="" if witness is None else witness.scenario,
        seed=header.seed,
        properties={} if witness is None else witness.properties,
        schedule=() if witness is None else witness.schedule,
        events=(),
        begun_us=trace.begun_us,
        verdicts=(),
        digest="" if witness is None else witness.digest,
        scenario=scenario if witness is not None else None,
        records=_records(witness),
        records_of="" if witness is None else witness.records_of,
        mutant=None if witness is None else witness.mutant,
        remarks=why_not,
        witness=witness,
        is_apart=witness is not None and not witness.is_here,
    )


_STRUCK = frozenset({FaultInjected, FaultRefused})


def _missed_in(events: Sequence[Event], schedule: Schedule) -> tuple[str, ...]:
    """Say which faults of the schedule did not strike, although the story asks for them."""
    refused = {event.entry: event.reason for event in events if type(event) is FaultRefused}
    struck = {event.entry for event in events if type(event) is FaultInjected}
    missed = []
    for place, entry in enumerate(schedule):
        if place in refused and not entry.may_be_refused:
            missed.append(f"no effect: {entry} ({refused[place]})")
        elif place not in refused and place not in struck:
            missed.append(f"no fault: {entry} (its moment never came)")
    return tuple(missed)


def _of_witness(path: Path) -> Watched:
    witness = read_witness(path)
    scenario = witness.load()
    report = witness.replay()
    watched = of_report(report, source=witness.scenario, scenario=scenario, records=_records(witness))
    remarks = watched.remarks
    if report.digest != witness.digest:
        why = witness.what_changed(scenario)
        differs = f"another run than the file's: digest {report.digest}, not {witness.digest}"
        remarks = (*remarks, f"{differs}; {why}" if why else differs)
    else:
        changed = witness.differs_from_here()
        remarks = (*remarks, changed) if changed else remarks
    return replace(
        watched, records_of=witness.records_of, mutant=witness.mutant, remarks=remarks, is_apart=not witness.is_here
    )


def _records(witness: Witness | None) -> tuple[KeyValue, ...] | None:
    if witness is None or witness.records is None:
        return None
    return tuple(KeyValue(*record) for record in witness.records)


def _scenario_of(name: str, witness: Witness | None) -> tuple[Scenario | None, tuple[str, ...]]:
    try:
        return (load(name) if witness is None else witness.load()), ()
    except (ScenarioError, WitnessError) as error:
        return None, (f"it cannot be run again: {error}",)
