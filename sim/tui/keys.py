"""Every key that does something where somebody is: of the list that has the focus, of its screen, of the application."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from textual.app import App
    from textual.binding import Binding
    from textual.screen import Screen
    from textual.widget import Widget

_SIGNS = {
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "enter": "Enter",
    "escape": "Esc",
    "space": "Space",
    "tab": "Tab",
    "home": "Home",
    "end": "End",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "slash": "/",
    "question_mark": "?",
    "backspace": "Backspace",
}


class Key(NamedTuple):
    """One action, and the keys that do it."""

    keys: tuple[str, ...]
    """As they stand on a keyboard."""
    name: str
    """What it does, in a few words."""
    action: str
    owner: Widget | App[object]
    """On whom the action is run."""


def keys_of(screen: Screen[object]) -> list[Key]:
    """Give every action that has a key, each once; those nearest to where somebody is come first."""
    app = screen.app
    owners: list[Widget | App[object]] = [screen, app] if screen.focused is None else [screen.focused, screen, app]
    # What goes before all others is the application's: control-C stops a search, and copies no text.
    taken = {binding.key for binding in _bindings(app) if binding.priority}
    found: dict[tuple[str, str], Key] = {}
    for owner in owners:
        for binding in _bindings(owner):
            if binding.key in taken and not (owner is app and binding.priority):
                continue
            name = binding.tooltip or binding.description
            known = found.get((binding.action, name))
            sign = sign_of(binding.key)
            if known is None:
                found[binding.action, name] = Key((sign,), name, binding.action, owner)
            elif known.owner is owner:
                found[binding.action, name] = known._replace(keys=(*known.keys, sign))
    return list(found.values())


def _bindings(owner: Widget | App[object]) -> Iterator[Binding]:
    for bound in owner._bindings.key_to_bindings.values():
        yield from (one for one in bound if one.description)


def sign_of(key: str) -> str:
    """Write a key of Textual's as it stands on a keyboard: `shift+right` as Shift+→, `ctrl+p` as Ctrl+P."""
    *held, last = key.split("+")
    named = _SIGNS.get(
        last, last.upper() if held or (len(last) > 1 and last[0] == "f" and last[1:].isdigit()) else last
    )
    return "+".join([*(one.capitalize() for one in held), named])
