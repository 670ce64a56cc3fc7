"""Whether subjects can be written to, each and all of them."""

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
    """Give the mode of all subjects."""
    return Outcome(settings.mode_json_of(state, None, defaults_to_global=asked.flag("defaultToGlobal")))


def of_one(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    """Give the mode of a subject; with `defaultToGlobal` the one that holds for it. Raises RegistryError."""
    whose = setting_named(names[0])
    return Outcome(settings.mode_json_of(state, whose, defaults_to_global=asked.flag("defaultToGlobal")))


def set_of_all(state: State, asked: Asked, _: tuple[str, ...]) -> Outcome:
    """Set the mode of all subjects. Raises RegistryError."""
    mode = settings.mode_named(bodies.mode(asked), None)
    return settings.set_mode(state, None, mode, is_forced=asked.flag("force"))


def set_of_one(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    """Set the mode of a subject. Raises RegistryError."""
    whose = setting_named(names[0])
    mode = settings.mode_named(bodies.mode(asked), whose)
    return settings.set_mode(state, whose, mode, is_forced=asked.flag("force"))


def delete_of_all(state: State, asked: Asked, _: tuple[str, ...]) -> Outcome:
    """Go back to READWRITE."""
    return settings.delete_mode(state, None, is_recursive=asked.flag("recursive"))


def delete_of_one(state: State, asked: Asked, names: tuple[str, ...]) -> Outcome:
    """Let a subject's mode be that of all. Raises RegistryError."""
    return settings.delete_mode(state, setting_named(names[0]), is_recursive=asked.flag("recursive"))
