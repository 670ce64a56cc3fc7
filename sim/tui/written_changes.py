"""A change as somebody writes it: a fault's line, name=value, a seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import ConfigError
from sim.faults.schedule import has_time, parse_entry
from sim.stories.properties import (
    canonical_key,
    configs_of,
    effective_properties,
    is_setting,
    with_properties,
    with_settings_of,
)
from sim.tui.changes import AddFault, SetProperty, SetSeed, anchor_behind

if TYPE_CHECKING:
    from sim.tui.session import Watched


def written_fault(watched: Watched, index: int, text: str) -> AddFault:
    """Read one more fault, right after event `index` unless its line has a moment. Raises FaultTextError."""
    # A whole line, as it is copied from a report, has a moment of its own.
    line = text if has_time(text) else f"{anchor_behind(watched, index)}: {text}"
    entry = parse_entry(line)
    assert watched.scenario is not None
    scenario = with_settings_of(watched.scenario, watched.properties)
    scenario.check_names((*watched.schedule, entry, *scenario.readers))
    return AddFault(entry)


def written_property(watched: Watched, text: str) -> SetProperty:
    """Read a property or a setting as name=value. Raises ConfigError for one that this run cannot have."""
    name, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"{text!r}: expected name=value, such as acks=1")
    assert watched.scenario is not None
    scenario = with_properties(watched.scenario, watched.properties)
    configs_of(scenario, effective_properties(scenario, {name.strip(): value.strip()}), "b1:9092")
    key = name.strip() if is_setting(scenario, name.strip()) else canonical_key(name.strip())
    return SetProperty(key, value.strip())


def written_seed(text: str) -> SetSeed:
    """Read a seed. Raises ConfigError for what is no whole number."""
    if not text.strip().isdecimal():
        raise ConfigError(f"{text!r}: a seed is a whole number, 0 or more")
    return SetSeed(int(text))
