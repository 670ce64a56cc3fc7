"""A scenario's name with changes behind it: `default_config+brokers=4+replication_factor=2` is that story in another cluster.

The name says all, so whatever takes a scenario by its name (a witness, a search, the screen) takes a varied one as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from difflib import get_close_matches
from typing import Any

from sim.cluster.config import ClusterConfig
from sim.cluster.topic_config import TopicConfig
from sim.stories.processing import Processing
from sim.stories.variation_auditing import WORDS as WORDS_OF_AUDITING
from sim.stories.variation_governance import WORDS as WORDS_OF_GOVERNANCE
from sim.stories.variation_processing import WORDS as WORDS_OF_PROCESSING
from sim.stories.variation_processing import each_processing
from sim.stories.variation_schemas import WORDS as WORDS_OF_SCHEMAS
from sim.stories.variation_words import WORDS, Story, VariationError, each_workload, number_of
from sim.stories.workload import Phase, Workload

_CHANGES = re.compile(r"(?:\+[a-z_]+=[\w.]*)+")
_WORDS = {**WORDS, **WORDS_OF_PROCESSING, **WORDS_OF_SCHEMAS, **WORDS_OF_GOVERNANCE, **WORDS_OF_AUDITING}
_STORY = ("repairs_after_us", "revives_after_us", "patience_us", "duration_us_max")
_OWNERS: tuple[type[Any], ...] = (ClusterConfig, TopicConfig, Workload, Phase, Processing)


def split_name(name: str) -> tuple[str, dict[str, str]]:
    """Give the scenario's own name or path, and the changes behind it in their order."""
    match = re.search(rf"{_CHANGES.pattern}$", name)
    if match is None:
        return name, {}
    pairs = (change.partition("=") for change in match[0].split("+")[1:])
    return name[: match.start()], {field: value for field, _, value in pairs}


def varied_name(name: str, changes: Mapping[str, int | str]) -> str:
    """Write changes behind a name, as `split_name` reads them; behind those that it has."""
    return name + "".join(
        f"+{field}={value if isinstance(value, str) else int(value)}" for field, value in changes.items()
    )


def varied(scenario: Story, changes: Mapping[str, str]) -> Story:
    """Change the whole numbers and switches of a story: of its cluster, of every topic, of what is sent and made, of its repairs;
    and what the words of `sim.stories.variation_words` say.

    Raises VariationError for a field that is none, ValueError for a value that cannot be.
    """
    known = {one.name: (owner, type(one.default)) for owner in _OWNERS for one in fields(owner)}
    known = {name: owned for name, owned in known.items() if owned[1] in {int, bool}}
    story: dict[str, Any] = {}
    of_owner: dict[type[Any], dict[str, Any]] = {owner: {} for owner in _OWNERS}
    for name, text in changes.items():
        if name in _STORY:
            story[name] = number_of(name, text)
        elif name in known:
            owner, of_type = known[name]
            number = number_of(name, text)
            of_owner[owner][name] = bool(number) if of_type is bool else number
        elif name not in _WORDS:
            there_are = [*known, *_STORY, *_WORDS]
            near = get_close_matches(name, there_are, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(there_are))}"
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

    changed = each_workload(changed, sending)
    changed = each_processing(changed, lambda processing: replace(processing, **of_owner[Processing]))
    for name, say in _WORDS.items():
        if name in changes:
            changed = say(changed, changes[name])
    return changed
