"""A scenario's name with changes behind it: `default_config+brokers=4+replication_factor=2` is that story in another cluster.

The name says all, so whatever takes a scenario by its name (a witness, a search, the screen) takes a varied one as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from difflib import get_close_matches
from typing import Any, TypeVar

from sim.cluster.config import ClusterConfig, TopicConfig
from sim.stories.workload import Phase, Workload

Story = TypeVar("Story", bound=Any)
"""A `Scenario`, whose room looks names up here and so cannot be known."""

_CHANGES = re.compile(r"(?:\+[a-z_]+=\w*)+")
_STORY = ("repairs_after_us", "revives_after_us", "duration_us_max")
OTHERS = "others"
"""How many more applications take part, each on a topic of its own."""
_OWNERS: tuple[type[Any], ...] = (ClusterConfig, TopicConfig, Workload, Phase)


class VariationError(ValueError):
    """A change is none: the message names the field and what was expected."""


def split_name(name: str) -> tuple[str, dict[str, str]]:
    """Give the scenario's own name or path, and the changes behind it in their order."""
    match = re.search(rf"{_CHANGES.pattern}$", name)
    if match is None:
        return name, {}
    pairs = (change.partition("=") for change in match[0].split("+")[1:])
    return name[: match.start()], {field: value for field, _, value in pairs}


def varied_name(name: str, changes: Mapping[str, int]) -> str:
    """Write changes behind a name, as `split_name` reads them; behind those that it has."""
    return name + "".join(f"+{field}={int(value)}" for field, value in changes.items())


def varied(scenario: Story, changes: Mapping[str, str]) -> Story:
    """Change the whole numbers and switches of a story: of its cluster, of every topic, of what is sent, of its repairs.

    Raises VariationError for a field that is none, ValueError for a value that cannot be.
    """
    known = {one.name: (owner, type(one.default)) for owner in _OWNERS for one in fields(owner)}
    known = {name: owned for name, owned in known.items() if owned[1] in {int, bool}}
    story: dict[str, Any] = {}
    of_owner: dict[type[Any], dict[str, Any]] = {owner: {} for owner in _OWNERS}
    others: int | None = None
    for name, text in changes.items():
        if name == OTHERS:
            others = _number(name, text)
        elif name in _STORY:
            story[name] = _number(name, text)
        elif name in known:
            owner, of_type = known[name]
            number = _number(name, text)
            of_owner[owner][name] = bool(number) if of_type is bool else number
        else:
            near = get_close_matches(name, [*known, *_STORY, OTHERS], n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted([*known, *_STORY, OTHERS]))}"
            msg = f"unknown field {name!r}: {hint}"
            raise VariationError(msg)
    changed = replace(
        scenario,
        name=scenario.name + "".join(f"+{name}={text}" for name, text in changes.items()),
        cluster=replace(
            scenario.cluster,
            topics=tuple(replace(topic, **of_owner[TopicConfig]) for topic in scenario.cluster.topics),
            **of_owner[ClusterConfig],
        ),
        **story,
    )

    def sending(workload: Workload) -> Workload:
        phases = tuple(replace(phase, **of_owner[Phase]) for phase in workload.phases)
        return replace(workload, phases=phases, **of_owner[Workload])

    if not scenario.applications:
        changed = replace(changed, workload=sending(scenario.workload))
    else:
        changed = replace(
            changed,
            applications=tuple(replace(one, workload=sending(one.workload)) for one in scenario.applications),
        )
    return changed if others is None else _with_others(changed, others)


def _with_others(scenario: Story, count: int) -> Story:
    """Let that many more take part, each as the first one does, but on a topic of its own."""
    first = scenario.cast[0]
    own = next(topic for topic in scenario.cluster.topics if topic.name == first.workload.topic)
    names = [f"other-{number}" for number in range(1, count + 1)]
    others = [replace(first, name=name, workload=replace(first.workload, topic=name)) for name in names]
    topics = (*scenario.cluster.topics, *(replace(own, name=name) for name in names))
    return replace(
        scenario,
        producer={},
        workload=Workload(),
        applications=(*scenario.cast, *others),
        cluster=replace(scenario.cluster, topics=topics),
    )


def _number(name: str, text: str) -> int:
    if not text.isdigit():
        msg = f"{name}={text}: expected a whole number, for a switch 0 or 1"
        raise VariationError(msg)
    return int(text)
