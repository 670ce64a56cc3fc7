"""A list on which somebody types: every letter goes into a filter, so that none is a key."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from sim.tui.widgets.line_list import LineList

_ALL = 10**6
"""More lines than there are."""


class TypedList(LineList, inherit_bindings=False):
    """Subclasses say what the filter is, and whoever shows one hears of each letter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Line up", show=False),
        Binding("down", "move(1)", "Line down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", f"move(-{_ALL})", "First line", show=False),
        Binding("end", f"move({_ALL})", "Last line", show=False),
    ]

    class Typed(Message):
        """The words of the filter are others now."""

        def __init__(self, wanted: str) -> None:
            super().__init__()
            self.wanted = wanted

    @property
    @abstractmethod
    def wanted(self) -> str:
        """What was typed so far."""

    def on_key(self, event: events.Key) -> None:
        wanted = self.wanted
        if event.key == "backspace":
            wanted = wanted[:-1]
        elif event.key == "ctrl+u":
            wanted = ""
        elif event.is_printable and event.character and event.character != "?":
            wanted += event.character
        else:
            return
        event.stop()
        event.prevent_default()
        self.post_message(self.Typed(wanted.lstrip()))

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        pasted = " ".join(event.text.split())
        self.post_message(self.Typed(f"{self.wanted}{pasted}".lstrip()))
