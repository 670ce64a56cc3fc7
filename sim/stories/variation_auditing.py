"""Changes of a story in which somebody is audited: `audit_gap_is_found+write_ahead=1`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sim.stories.variation_words import Story, VariationError, number_of


def _write_ahead(scenario: Story, text: str) -> Story:
    """Let every audit tell intents before records are sent, or outcomes alone."""
    if all(one.audit is None for one in scenario.applications):
        msg = f"write_ahead={text}: nobody is audited in the story"
        raise VariationError(msg)
    is_ahead = bool(number_of("write_ahead", text))
    cast = [
        one if one.audit is None else replace(one, audit=replace(one.audit, write_ahead=is_ahead))
        for one in scenario.applications
    ]
    return replace(scenario, applications=tuple(cast))


WORDS: Mapping[str, Callable[[Any, str], Any]] = {"write_ahead": _write_ahead}
"""What each word does with a story and the text behind it."""
