"""The views of a run, one a row: which key shows it, what it is called, and how its lines come from where a playhead stands.

A view that is new is a file in `panels` that makes its lines, perhaps one in `view_model` that folds what it needs, and its row here:
screen, help, palette, `--plain` and `--json` read this table. One with keys of its own has a screen, too (`app.SCREENS`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.tui.panels.byte_page import byte_facts, byte_rows
from sim.tui.panels.cluster_page import cluster_facts, cluster_rows
from sim.tui.panels.difference import difference_facts, difference_rows
from sim.tui.panels.governance import governance_rows
from sim.tui.panels.heat import heat_facts, heat_rows
from sim.tui.panels.log_page import log_facts, log_rows
from sim.tui.panels.metric_page import metric_facts, metric_rows
from sim.tui.panels.producer_page import producer_facts, producer_rows
from sim.tui.panels.space_time import space_time_facts, space_time_rows
from sim.tui.panels.transaction_page import transaction_rows
from sim.tui.panels.verdict_page import verdict_facts, verdict_page_rows

if TYPE_CHECKING:
    from sim.tui.panels.page import PageRow
    from sim.tui.playhead import Playhead

Rows = Callable[["Playhead", int, int], Sequence["PageRow"]]
"""(playhead, columns, lines in sight) -> every line of the view. Columns or lines of 0 are any: that is text for a pipe.

There may be more lines than are in sight, as they scroll; a view of one picture draws it as high as they are.
"""
Facts = Callable[["Playhead"], Any]
"""What the view shows, as values of the view model: named tuples, dataclasses, enums, mappings, sequences (`facts.as_json`)."""


class View(NamedTuple):
    """One view."""

    keys: tuple[str, ...]
    """The key that shows it, as Textual calls it, and others that do so, too."""
    name: str
    """One word, as `--view` takes it."""
    meaning: str
    """What it shows, in one line."""
    rows: Rows
    facts: Facts

    @property
    def key(self) -> str:
        return self.keys[0]


VIEWS = (
    View(
        ("1",),
        "cluster",
        "every replica of every partition, what the brokers do, the faults so far",
        cluster_rows,
        cluster_facts,
    ),
    View(
        ("2",),
        "producer",
        "each batch where it waits, its sequences, and how long its timers still run",
        producer_rows,
        producer_facts,
    ),
    View(
        ("3",),
        "logs",
        "what lies on each broker: offsets, epochs, who wrote it, what was cut off",
        log_rows,
        log_facts,
    ),
    View(
        ("4",),
        "space-time",
        "lanes and messages, what never arrived, and the way from a cause to its effect",
        space_time_rows,
        space_time_facts,
    ),
    View(
        ("5",),
        "verdicts",
        "each promise, and how it broke; what lies behind this moment is dim",
        verdict_page_rows,
        verdict_facts,
    ),
    View(
        ("6",),
        "heat",
        "keys by partitions: which partition is hot, and which key makes it so",
        heat_rows,
        heat_facts,
    ),
    View(
        ("7",),
        "transactions",
        "each id at its producers and its coordinator, and what is open in which log",
        transaction_rows,
        lambda playhead: playhead.state.transactions,
    ),
    View(
        ("8",),
        "metrics",
        "Kafka's metrics over the whole run: before the latest fault, and now",
        metric_rows,
        metric_facts,
    ),
    View(
        ("9",),
        "bytes",
        "the request or response of this moment: each field's offset, bytes, name and value",
        byte_rows,
        byte_facts,
    ),
    View(
        ("0", "p"),
        "governance",
        "rights, errors by class, throttling, policy, audits, lineage",
        lambda playhead, width, _: governance_rows(playhead.state, width=width),
        lambda playhead: playhead.state.governance,
    ),
    View(
        ("d",),
        "diff",
        "what this event changed in the state, or what changed since a pinned moment",
        difference_rows,
        difference_facts,
    ),
)
"""In the order of their keys on a keyboard."""


class NoViewError(Exception):
    """There is no view of that name: the message names those there are, or the nearest."""


def view_named(name: str) -> View:
    """Give a view by its name. Raises NoViewError."""
    for view in VIEWS:
        if view.name == name:
            return view
    near = get_close_matches(name, [view.name for view in VIEWS], n=1)
    there = f"did you mean {near[0]}?" if near else f"there are {', '.join(view.name for view in VIEWS)}"
    raise NoViewError(f"no view is called {name!r}: {there}")
