"""Changes of a story in schemas: the level that its registries hold, what its readers do about a record that they cannot read.

Each is one word of a varied name (`sim.stories.variation`): `backward_is_not_forward+level=FULL`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sim.stories.schemas import UNREADABLE
from sim.stories.variation_words import Story, VariationError, one_of


def _level(scenario: Story, text: str) -> Story:
    """Let that compatibility level hold in every registry."""
    if scenario.registry is None:
        msg = f"level={text}: the story has no schema registry"
        raise VariationError(msg)
    return replace(scenario, registry=replace(scenario.registry, level=text))


def _unreadable(scenario: Story, text: str) -> Story:
    """Let every reader that decodes do that about what it cannot read."""
    word = one_of("unreadable", text, {one: one for one in UNREADABLE})
    if not scenario.deserializing:
        msg = f"unreadable={text}: nobody decodes in the story"
        raise VariationError(msg)
    return replace(scenario, deserializing=tuple(replace(one, unreadable=word) for one in scenario.deserializing))


WORDS: Mapping[str, Callable[[Any, str], Any]] = {
    "level": _level,
    "unreadable": _unreadable,
}
"""What each word does with a story and the text behind it."""
