"""Changes of a story that are more than a number in one of its fields: several topics, what records carry, who reads, who sends again.

Each is one word of a varied name (`sim.stories.variation`): `default_config+topics=2+headers=3`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from sim.faults.text import DURATION, parse_duration
from sim.faults.words import at
from sim.stories.applications import NEW_LIVES, OUTCOMES, Application, Resends
from sim.stories.workload import Keys, KeysInTurn, NoKeys, Workload

Story = TypeVar("Story", bound=Any)
"""A `Scenario`, whose room looks names up here and so cannot be known."""


class VariationError(ValueError):
    """A change is none: the message names the field and what was expected."""


def number_of(name: str, text: str) -> int:
    """Read a whole number; a time in microseconds may be text such as `200ms`, too. Raises VariationError."""
    if name.endswith(("_us", "_us_max")) and re.fullmatch(DURATION, text):
        return parse_duration(text)
    if not text.isdigit():
        msg = f"{name}={text}: expected a whole number, for a switch 0 or 1"
        raise VariationError(msg)
    return int(text)


def one_of(name: str, text: str, known: Mapping[str, Any]) -> Any:
    """Look a word up. Raises VariationError."""
    if text not in known:
        msg = f"{name}={text}: expected one of {', '.join(known)}"
        raise VariationError(msg)
    return known[text]


def each_workload(scenario: Story, change: Callable[[Workload], Workload]) -> Story:
    """Change what every application sends."""
    if not scenario.applications:
        return replace(scenario, workload=change(scenario.workload))
    return replace(scenario, applications=_senders(scenario, lambda one: replace(one, workload=change(one.workload))))


def _senders(scenario: Story, change: Callable[[Application], Application]) -> tuple[Application, ...]:
    """Change every application but those that send what they make of what they read."""
    return tuple([one if one.processing is not None else change(one) for one in scenario.cast])


def _played_by(scenario: Story, cast: tuple[Application, ...]) -> Story:
    return replace(scenario, producer={}, workload=Workload(), applications=cast)


def _topics(scenario: Story, text: str) -> Story:
    """Let every application send to so many topics in turn: its own, and others like it."""
    count = number_of("topics", text)
    made: dict[str, Any] = {}

    def sending(workload: Workload) -> Workload:
        first = workload.topics[0]
        own = next(topic for topic in scenario.cluster.topics if topic.name == first)
        names = (first, *(f"{first}-{number}" for number in range(2, count + 1)))
        made.update((name, replace(own, name=name)) for name in names[1:])
        return replace(workload, topic=names)

    changed = each_workload(scenario, sending)
    return replace(changed, cluster=replace(scenario.cluster, topics=(*scenario.cluster.topics, *made.values())))


def _others(scenario: Story, text: str) -> Story:
    """Let so many more applications take part, each as the first one does, but on a topic of its own."""
    first = scenario.cast[0]
    own = next(topic for topic in scenario.cluster.topics if topic.name == first.workload.topics[0])
    names = [f"other-{number}" for number in range(1, number_of("others", text) + 1)]
    others = [replace(first, name=name, workload=replace(first.workload, topic=name)) for name in names]
    topics = (*scenario.cluster.topics, *(replace(own, name=name) for name in names))
    return replace(_played_by(scenario, (*scenario.cast, *others)), cluster=replace(scenario.cluster, topics=topics))


def _timestamp_type(scenario: Story, text: str) -> Story:
    topics = tuple(replace(topic, timestamp_type=text) for topic in scenario.cluster.topics)
    return replace(scenario, cluster=replace(scenario.cluster, topics=topics))


def _keys(scenario: Story, text: str) -> Story:
    """Let records be under so many keys in turn, under none for 0."""
    count = number_of("keys", text)
    keys: Keys = KeysInTurn(count) if count else NoKeys()
    return each_workload(scenario, lambda workload: replace(workload, keys=keys))


def _headers(scenario: Story, text: str) -> Story:
    headers = tuple((f"header-{number}", b"%d" % number) for number in range(number_of("headers", text)))
    return each_workload(scenario, lambda workload: replace(workload, headers=headers))


def _timestamp_ms(scenario: Story, text: str) -> Story:
    return each_workload(scenario, lambda workload: replace(workload, timestamp_ms=number_of("timestamp_ms", text)))


def _partition(scenario: Story, text: str) -> Story:
    return each_workload(scenario, lambda workload: replace(workload, partition=number_of("partition", text)))


def _stands_for(scenario: Story, text: str) -> Story:
    return each_workload(scenario, lambda workload: replace(workload, stands_for=text))


_ON = {"both": OUTCOMES, **{outcome: frozenset({outcome}) for outcome in sorted(OUTCOMES)}}


def _resends(scenario: Story, text: str) -> Story:
    """Let every application send again what it is told of so: `failed`, `unknown` or `both`."""
    resends = Resends(on=one_of("resends", text, _ON))
    return _played_by(scenario, _senders(scenario, lambda one: replace(one, resends=resends)))


def _new_life(scenario: Story, text: str) -> Story:
    new_life = one_of("new_life", text, {one.replace(" ", "_"): one for one in NEW_LIVES})
    return _played_by(scenario, _senders(scenario, lambda one: replace(one, new_life=new_life)))


def _readers(scenario: Story, text: str) -> Story:
    """Let so many read each topic from the begin, while the story goes on."""
    count = number_of("readers", text)
    more = tuple(at(0).read(topic.name) for topic in scenario.cluster.topics for _ in range(count))
    return replace(scenario, readers=(*scenario.readers, *more))


WORDS: Mapping[str, Callable[[Any, str], Any]] = {
    "timestamp_type": _timestamp_type,
    "keys": _keys,
    "headers": _headers,
    "partition": _partition,
    "timestamp_ms": _timestamp_ms,
    "stands_for": _stands_for,
    "topics": _topics,
    "resends": _resends,
    "new_life": _new_life,
    "others": _others,
    "readers": _readers,
}
"""What each word does with a story and the text behind it; in this order, since one more application sends as the first one does."""
