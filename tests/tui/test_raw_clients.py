"""A raw client on a screen: what it sent and was told, and that it is no application to be paused or killed."""

from __future__ import annotations

from sim.tui.lines import text_of
from sim.tui.offers import offers
from sim.tui.panels.producer import producer_lines
from sim.tui.telling import told
from tests.tui.runs import event_of, run_of

FENCED = "stale_epoch_is_fenced"


def test_it_has_a_line_without_an_id_of_its_own() -> None:
    watched = run_of(FENCED)
    film = watched.film
    late = event_of(watched, "RecordFailed", 2)

    shown = producer_lines(film.state_at(late), begun_us=film.begun_us, width=120, height=20)

    assert [text_of(one).removeprefix("PRODUCERS").strip() for one in shown[:2]] == [
        "early, a raw client  1 of 1 acknowledged",
        "late, a raw client  0 of 1 acknowledged",
    ]


def test_its_request_and_its_answer_are_told() -> None:
    watched = run_of(FENCED)

    said = [
        told(event, whose=watched.ways.whose(number))
        for number, event in enumerate(watched.events)
        if getattr(event, "client", "") == "late" or "late" in getattr(event, "fault", "")
    ]

    assert said[0].startswith("fault: write orders-0 to b1 as late, id ")
    assert said[0].endswith(" epoch 0 sequence 3")
    assert "late sends record 1, key (none)" in said
    assert "b1 decides its answer for a batch: INVALID_PRODUCER_EPOCH" in said
    assert said[-1] == "record 1 of late: told as not written (INVALID_PRODUCER_EPOCH)"


def test_it_is_written_under_the_id_of_an_application_and_is_none_itself() -> None:
    watched = run_of(FENCED)
    state = watched.film.state_at(event_of(watched, "RecordFailed", 2))

    assert offers(state, "write") == ["write orders-0", "write orders-0, of producer-1"]
    assert offers(state, "kill") == ["kill producer-1"]
