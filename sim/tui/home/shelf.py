"""The first screen's list: what the words that somebody typed leave of it, under a heading for each kind, and where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sim.tui.home.desk import LessonShown
from sim.tui.home.items import Item, Kind


class ShelfRow(NamedTuple):
    """A heading, or one item."""

    kind: Kind
    item: Item | None
    """None for a heading."""
    under: int = 0
    """How many are under it."""
    done: int = 0
    """How many of those are done for good."""


class Shelf:
    """The list as far as it is shown; the cursor stands on an item, whenever there is one."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = tuple(items)
        self.wanted = ""
        """Words that every shown item holds; empty shows all."""
        self.rows: tuple[ShelfRow, ...] = ()
        self.cursor = 0
        self._lay_out(None)

    @property
    def chosen(self) -> Item | None:
        """The item under the cursor."""
        return self.rows[self.cursor].item if self.rows else None

    @property
    def shown(self) -> int:
        """How many items are shown."""
        return sum(row.item is not None for row in self.rows)

    def filter(self, wanted: str) -> None:
        """Show those that hold each of the words; the cursor stays on its item, if that is still there."""
        self.wanted = wanted
        self._lay_out(self.chosen)

    def refill(self, items: Sequence[Item]) -> None:
        """Take notice that the items are others now; the cursor stays on the one of the same kind and name."""
        chosen = self.chosen
        self.items = tuple(items)
        self._lay_out(chosen)

    def move(self, by: int) -> bool:
        """Go up or down by so many items, no further than the ends. Returns whether it moved."""
        places = [row for row, one in enumerate(self.rows) if one.item is not None]
        if not places:
            return False
        at = min(max(places.index(self.cursor) + by, 0), len(places) - 1)
        return self.go(places[at])

    def go(self, row: int) -> bool:
        """Stand on a row, if it is an item. Returns whether it moved."""
        if row == self.cursor or not 0 <= row < len(self.rows) or self.rows[row].item is None:
            return False
        self.cursor = row
        return True

    def next_kind(self, direction: int = 1) -> bool:
        """Go to the first item of the next kind, round and round. Returns whether it moved."""
        if not self.rows:
            return False
        kinds = list(dict.fromkeys(row.kind for row in self.rows))
        kind = kinds[(kinds.index(self.rows[self.cursor].kind) + direction) % len(kinds)]
        return self.go(next(at for at, row in enumerate(self.rows) if row.kind is kind and row.item is not None))

    def _lay_out(self, chosen: Item | None) -> None:
        words = self.wanted.lower().split()
        kept = [item for item in self.items if all(word in _text(item) for word in words)]
        rows: list[ShelfRow] = []
        for kind in Kind:
            under = [item for item in kept if item.kind is kind]
            if under:
                done = sum(isinstance(item.subject, LessonShown) and item.subject.is_passed for item in under)
                rows += [ShelfRow(kind, None, len(under), done), *(ShelfRow(kind, item) for item in under)]
        self.rows = tuple(rows)
        first = next((row for row, one in enumerate(rows) if one.item is not None), 0)
        same = [row for row, one in enumerate(rows) if chosen is not None and _is_same(one.item, chosen)]
        self.cursor = same[0] if same else first


def _text(item: Item) -> str:
    return f"{item.kind.value} {item.name} {item.about} {item.state}".lower()


def _is_same(one: Item | None, other: Item) -> bool:
    return one is not None and (one.kind, one.name) == (other.kind, other.name)
