"""Each word that a screen uses has its entry: those of the tables that draw it, and those on every frame there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.judges.guarantees import GUARANTEES
from sim.tui.glossary.table import WORDS, UnknownWordError, matching, word_named, words_in
from sim.tui.glossary.word import Word
from sim.tui.panels.error_classes import CLASSES
from sim.tui.panels.transactions import _BRIEFLY, _OUTCOMES, _STATES
from sim.tui.plain import plain_lines
from sim.tui.playhead import Playhead
from sim.tui.view_model.state import BatchState, Life, Role
from sim.tui.views import VIEWS
from tests.tui.runs import STORIES, run_of

GOLDEN = Path(__file__).parent / "golden"
DRAWN = (
    *STORIES,
    "zombie_application",
    "transaction_is_not_torn",
    "acl_revoked_in_mid_stream",
    "policy_refuses_one_record_of_a_batch",
    "backward_is_not_forward",
)
HEADING = re.compile(r"^ ?([A-Z]{3,}(?: [A-Z]{2,})*)(?=[\s:,]|$)", re.MULTILINE)
"""A panel begins with its name in capitals."""


def frames() -> dict[str, str]:
    """Every golden frame; of some stories state, verdicts, events and every view, at the begin, in the middle and at the end."""
    found = {path.name: path.read_text(encoding="utf-8") for path in sorted(GOLDEN.glob("*.txt"))}
    for name in DRAWN:
        watched = run_of(name)
        found[name] = "\n".join(plain_lines(watched))
        for place in (0, len(watched.film) // 2, len(watched.film) - 1):
            playhead = Playhead(watched)
            playhead.seek(place)
            for view in VIEWS:
                lines = ["".join(span.text for span in row.line) for row in view.rows(playhead, 0, 0)]
                found[f"{name}, {view.name} at {place}"] = "\n".join(lines)
    return found


def test_every_heading_of_every_frame_is_explained() -> None:
    shown = frames()
    headings = {heading: name for name, text in shown.items() for heading in HEADING.findall(text)}

    assert {"CLUSTER", "PRODUCER", "TRANSACTIONS", "VERDICTS", "EVENTS", "RIGHTS", "COURSE"} <= headings.keys()
    unknown = {heading: name for heading, name in headings.items() if not is_explained(heading)}
    assert not unknown


def is_explained(text: str) -> bool:
    try:
        word_named(text)
    except UnknownWordError:
        return bool(words_in(text))
    return True


@pytest.mark.parametrize(
    "state",
    sorted(
        {
            *(one.value for kind in (Life, BatchState) for one in kind),
            *(role.value for role in Role if role is not Role.NONE),
            *_STATES,
            *(f"» {one}" for one in _BRIEFLY.values()),
            *_OUTCOMES,
            *CLASSES,
            *GUARANTEES,
        }
    ),
)
def test_every_state_that_a_panel_knows_is_explained(state: str) -> None:
    assert is_explained(state)


@pytest.mark.parametrize(
    "word",
    [
        "accumulator",
        "in flight",
        "ISR",
        "high watermark",
        "LSO",
        "leader epoch",
        "diverging epoch",
        "phantom",
        "purgatory",
        "fenced",
        "epoch",
        "sequence",
        "linger",
        "muted",
        "under-replicated",
        "eligible leader replicas",
        "acks",
        "min ISR",
    ],
)
def test_the_words_that_newcomers_ask_for_are_there(word: str) -> None:
    assert len(word_named(word).meaning) > 20


def test_a_line_is_explained_by_its_longest_words_in_their_order() -> None:
    names = [word.name for word in words_in("orders-0 ▲ leads e0  end 30 hw 15  ISR 1,2 min 2 ELR 3  leader epoch 4")]

    assert names == ["leads", "leader epoch", "log end", "high watermark", "ISR", "min ISR", "ELR"]


def test_words_are_not_seen_within_others() -> None:
    assert words_in("e1xyz thews supporting uplifts") == ()


def test_an_unknown_word_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownWordError, match="did you mean purgatory"):
        word_named("purgatry")
    with pytest.raises(UnknownWordError, match="acklab glossary lists them all"):
        word_named("xyzzy")


def test_no_two_entries_have_one_name() -> None:
    assert len({word.name for word in WORDS}) == len(WORDS)


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_an_entry_is_found_by_its_name_and_says_what_it_is_in_sentences(word: Word) -> None:
    assert word_named(word.name) == word
    assert word in matching(word.name)
    assert word.meaning.endswith(".")
    assert all(re.compile(pattern) for pattern in word.seen)


@given(st.text(max_size=60))
def test_any_text_can_be_looked_through(text: str) -> None:
    assert len(set(words_in(text))) == len(words_in(text))
    matching(text)
