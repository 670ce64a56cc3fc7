"""What a run in schemas goes through besides: what its registries answer, and who may run which version."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sim.explore.course import AFTERMATH_MAX, Point
from sim.trace.events import RecordSerialized, RegistryAnswered, RegistryStarted, VersionDeployed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.explore.course import Course, Where
    from sim.stories.scenario import Scenario


def with_schemas(course: Course, scenario: Scenario, events: Iterable[Any]) -> Course:
    """Give the course with the moments of schemas, as an undisturbed run went through them."""
    total: Counter[tuple[str, Where]] = Counter()
    for event in events:
        match event:
            case RegistryAnswered():
                total[type(event).__name__, (("registry", event.registry),)] += 1
            case RecordSerialized():
                total[type(event).__name__, (("client", event.client),)] += 1
            case _:
                pass
    points = [Point(name, where, 1, count) for (name, where), count in total.items()]
    versions = [(one.name, len(one.versions)) for one in scenario.cast]
    versions += [(one.reader, len(one.versions)) for one in scenario.deserializing]
    deployed = tuple((name, count) for name, count in versions if count > 1)
    registries = scenario.registry.hosts if scenario.registry is not None else ()
    # What only faults bring about: the next version, the registry's next life.
    points += [Point(VersionDeployed.__name__, (("version", 2),), 1, AFTERMATH_MAX)] if deployed else []
    points += [Point(RegistryStarted.__name__, (("registry", name),), 2, AFTERMATH_MAX) for name in registries]
    return course._replace(points=(*course.points, *points), versions=deployed, registries=registries)
