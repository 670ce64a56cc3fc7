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
    """Subclasses filter; whoever shows one hears of it. A letter is taken at once, as the next may be there before anybody hears."""

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

    @property
    @abstractmethod
    def wanted(self) -> str:
        """What was typed so far."""

    @abstractmethod
    def filter(self, wanted: str) -> None:
        """Show what holds these words alone; all, if there are none."""

    def _type(self, wanted: str) -> None:
        self.filter(wanted.lstrip())
        self.post_message(self.Typed())

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
        self._type(wanted)

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        pasted = " ".join(event.text.split())
        self._type(f"{self.wanted}{pasted}")
