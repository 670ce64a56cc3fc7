"""A story of applications whose records are objects by schemas, written down as a file of the learner's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from producer.schemas.schema import Schema
    from sim.stories.applications import Application
    from sim.stories.scenario import Scenario
    from sim.stories.schemas import Deserializing


def source_of_versions(scenario: Scenario, *, seed: int) -> str:
    """Write a scenario with one topic, a registry, and applications of one phase, as Python; run it with that seed."""
    (topic,) = scenario.cluster.topics
    registry = scenario.registry
    assert registry is not None, "a story of schemas has a registry"
    schemas = _Schemas()
    applications = [line for one in scenario.applications for line in _application(one, schemas)]
    readers = [line for one in scenario.deserializing for line in _deserializing(one, schemas)]
    lines = [
        f'"""{scenario.question}',
        "",
        "Written by `acklab learn check`. Change one thing and run it again:",
        "",
        f"    acklab run {scenario.name}.py --seed {seed}",
        '"""',
        "",
        "from producer import Schema, SchemaType",
        "from sim import Application, ClusterConfig, Deserializing, Phase, RegistryConfig, Scenario, TopicConfig, Version",
        "from sim import Workload, parse_entry",
        "",
        *schemas.lines(),
        "",
        "SCENARIO = Scenario(",
        f"    name={scenario.name!r},",
        f"    question={scenario.question!r},",
        f"    cluster=ClusterConfig(topics=(TopicConfig({topic.name!r}),)),",
        f"    registry=RegistryConfig(level={registry.level!r}),",
        "    applications=(",
        *applications,
        "    ),",
        *_entries("readers", scenario.readers),
        "    deserializing=(",
        *readers,
        "    ),",
        *_entries("schedule", scenario.schedule),
        ")",
    ]
    return "\n".join(lines) + "\n"


class _Schemas:
    """Schemas by the names that stand for them in the file, in the order in which they are met."""

    def __init__(self) -> None:
        self._names: dict[Schema, str] = {}

    def name(self, schema: Schema | None) -> str:
        if schema is None:
            return "None"
        return self._names.setdefault(schema, f"SCHEMA_{len(self._names) + 1}")

    def lines(self) -> Iterator[str]:
        for schema, name in self._names.items():
            yield f"{name} = Schema(SchemaType.{schema.type.name}, {schema.text!r})"


def _application(one: Application, schemas: _Schemas) -> Iterator[str]:
    (phase,) = one.workload.phases
    yield "        Application("
    yield f"            name={one.name!r},"
    yield f"            producer={dict(one.producer)!r},"
    yield "            versions=("
    for version in one.versions:
        yield "                Version("
        yield f"                    schema={schemas.name(version.schema)},"
        yield "                    values=("
        yield from (f"                        {value!r}," for value in version.values)
        yield "                    ),"
        yield "                ),"
    yield "            ),"
    times = f"Phase(every_us={phase.every_us:_}, quiet_us={phase.quiet_us:_})"
    yield f"            workload=Workload(records={one.workload.records}, phases=({times},)),"
    yield "        ),"


def _deserializing(one: Deserializing, schemas: _Schemas) -> Iterator[str]:
    versions = ", ".join(map(schemas.name, one.versions))
    yield f"        Deserializing(reader={one.reader!r}, versions=({versions},), unreadable={one.unreadable!r}),"


def _entries(name: str, entries: object) -> Iterator[str]:
    assert isinstance(entries, tuple), "a schedule"
    yield f"    {name}=tuple(parse_entry(line) for line in ("
    yield from (f"        {str(entry)!r}," for entry in entries)
    yield "    )),"
