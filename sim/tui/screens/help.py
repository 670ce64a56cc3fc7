"""The keys, and what the signs and words on the screens mean."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from sim.tui.telling import SIGNS
from sim.tui.views import VIEWS

KEYS = (
    ("← →", "one event back, forward"),
    ("n N", "the next, previous event of the same record, batch, partition or broker (also Shift+→ ←)"),
    ("e", "follow another of those"),
    ("f F", "the next, previous fault"),
    ("Home End", "the first, last event"),
    ("Space", "play, pause;  + -  faster, slower"),
    ("↑ ↓", "in a list: line by line; in the verdicts this walks through how a record was lost"),
    ("Enter", "on a record in the verdicts: open it, and go to the event at which its promise broke"),
    (
        "w",
        "why? What brought this event about, or broke the promise in the chosen line; w again: one cause further back",
    ),
    ("Tab", "verdicts or events"),
    ("/", "find: words filter the events; #128 or 1.522s goes there"),
    ("c", "change one thing - a fault, a property - and run again with the same seed"),
    ("L", "go on live from this moment: Space lets time go on, an upper-case letter strikes now, s any fault, t aims"),
    ("y Y", "copy the command that runs this again; that opens this very moment"),
    (
        "x",
        "export into this folder: a page for browsers with every moment in it, the trace, this frame as picture or text",
    ),
    ("Ctrl+P", "every action by its name"),
    ("q Esc", "back"),
)
WORDS = (
    ("▲ leads e1", "this broker leads the partition, in leader epoch 1: it takes what producers send; ◇ follows"),
    ("● ‖ ▼ ✗", "a broker's process: up, paused, stopping, down"),
    ("end 30 hw 15", "as two numbers where there is little room, 30 hw 15 or 30/15:"),
    ("end 30", "the log's end on that broker: the offset that the next record gets"),
    ("hw 15", "high watermark: what lies below is on every broker in sync; above it, it may still be lost"),
    (
        "end 9 hw 9 LSO 7",
        "or 9/9/7: the last stable offset, where it is below hw; a transaction is open, and read_committed waits",
    ),
    ("ISR 1,2 min 2", "brokers in sync; acks=all is refused when there are fewer than min"),
    ("ELR", "brokers that may still be elected without loss, although they are not in sync"),
    ("fenced", "the controller does not count on this broker"),
    ("to b1 (b2)", "where the producer has connections, and in brackets to where one is only being opened"),
    ("acked unsure", "acknowledged; neither acknowledged nor refused, so perhaps written"),
    ("» ready e3", "a transactional id at its producer, with its epoch; V2: each transaction has its own (KIP-890)"),
    ("◆ b1: Ongoing e3", "the same id as its coordinator has it; behind both stand the partitions that are in it"),
    ("» ✓ ✗ marker", "the end of the transaction: asked for in a partition, written, not written and why"),
    ("! hangs", "something is open in a log that its coordinator has in no transaction: nobody will end it (KIP-664)"),
    ("try 2 until 9s", "a second attempt; when the batch's records fail without an answer (delivery.timeout.ms)"),
)


def help_text() -> str:
    """Give it all as text."""
    rows = ["Times count from the begin of the story, as in faults: `at 2s: crash b1`.", "", "Keys"]
    rows += [f"  {key:<10}{text}" for key, text in KEYS]
    rows += ["", "Views of this moment, over the whole screen; Enter goes to a line's event, Esc back"]
    rows += [f"  {' '.join(view.keys):<6}{view.name:<13}{view.meaning}" for view in VIEWS]
    rows += ["", "Signs of events"]
    rows += [f"  {sign.glyph:<10}{text}" for sign, text in SIGNS]
    rows += ["", "Words"]
    rows += [f"  {word:<18}{text}" for word, text in WORDS]
    return "\n".join(rows)


class HelpScreen(ModalScreen[None]):
    """Any of its keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,enter", "dismiss", "Close")]

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help", classes="dialog") as box:
            box.border_title = "Help - Esc closes, ↓ for more"
            yield Static(help_text(), markup=False)
