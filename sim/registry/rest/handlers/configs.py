"""Compatibility, and what else is set for a subject or for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.registry.core import settings
from sim.registry.core.outcome import Outcome
from sim.registry.rest import bodies
from sim.registry.rest.handlers.naming import setting_named

if TYPE_CHECKING:
    from sim.registry.core.state import State
    from sim.registry.rest.messages import Asked


def of_all(state: State, asked: Asked, _: tuple[str, ...]) -> Outcome:
    """Give what is set for all subjects."""
    return Outcome(settings.config_json_of(state, None, defaults_to_global=asked.flag("defaultToGlobal")))


def of_one(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    """Give what is set for a subject; with `defaultToGlobal` what holds for it. Raises RegistryError."""
    whose = setting_named(names[0])
    return Outcome(settings.config_json_of(state, whose, defaults_to_global=asked.flag("defaultToGlobal")))


def set_of_all(state: State, asked: Asked, _: tuple[str, ...]) -> Outcome:
    """Set something for all subjects. Raises RegistryError."""
    return settings.set_config(state, None, bodies.config(asked))


def set_of_one(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    """Set something for a subject. Raises RegistryError."""
    return settings.set_config(state, setting_named(names[0]), bodies.config(asked))


def delete_of_all(state: State, _: Asked, _names: tuple[str, ...]) -> Outcome:
    """Go back to what holds where nobody has set anything."""
    return settings.delete_config(state, None)


def delete_of_one(state: State, _: Asked, names: tuple[str, ...]) -> Outcome:
    """Let a subject be as all are. Raises RegistryError."""
    return settings.delete_config(state, setting_named(names[0]))
