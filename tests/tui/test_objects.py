"""Records that are objects, on the screen: schema, version and fields of whichever record a moment is about."""

from functools import cache

import pytest
from textual.pilot import Pilot

from sim.course.lesson import lesson
from sim.tui.app import AcklabApp
from sim.tui.lines import text_of, width_of
from sim.tui.panels.objects import object_lines
from sim.tui.plain import plain_lines
from sim.tui.session import Watched, of_scenario
from tests.tui.runs import LOST, event_of, frame, press, run_of, use

WIDTHS = (60, 80, 120, 200)
EVOLUTION = str(lesson("schemas").folder / "evolution.py")


@cache
def evolution() -> Watched:
    """Billing goes first with a schema by which it cannot read old orders, and the registry refuses the shop's."""
    return of_scenario(EVOLUTION)


def of_shop(name: str, nth: int = 1) -> int:
    """Number of the nth event of a type that is about the shop: a registry sends records, too."""
    places = [
        place
        for place, event in enumerate(evolution().events)
        if type(event).__name__ == name and event.client == "shop"
    ]
    return places[nth - 1]


def told(watched: Watched, index: int, *, width: int = 120) -> tuple[str, str]:
    one, other = (text_of(line).strip() for line in object_lines(watched.objects, index, width=width))
    return one, other


@pytest.mark.parametrize("name", ["RecordSerialized", "RecordSent", "RecordAcknowledged"])
def test_a_record_that_is_sent_has_its_schema_version_and_fields(name: str) -> None:
    watched = evolution()

    assert told(watched, of_shop(name, 2)) == ("OBJECT  orders-value version 1, id 1  AVRO", "id 7")


@pytest.mark.parametrize("name", ["RecordRead", "RecordDecoded"])
def test_a_record_that_is_read_says_by_whom_and_by_which_version_of_the_code(name: str) -> None:
    watched = evolution()

    schema, fields = told(watched, event_of(watched, name))

    assert schema == "OBJECT  orders-value version 1, id 1  AVRO  read by billing version 1"
    assert fields == "id 7"


def test_a_record_that_cannot_be_read_says_why() -> None:
    watched = evolution()

    schema, why = told(watched, event_of(watched, "RecordUnreadable"), width=200)

    assert schema.endswith("read by billing version 2")
    assert "✗ 1 bytes are no Order that can be read as the reader's Order" in why
    assert "note" in why


def test_a_value_without_bytes_says_why() -> None:
    watched = evolution()

    schema, why = told(watched, event_of(watched, "RecordNotSerialized"), width=300)

    assert schema == "OBJECT  no schema"
    assert "409" in why


def test_events_about_something_else_have_no_object() -> None:
    watched = evolution()

    assert told(watched, event_of(watched, "TopicCreated")) == ("OBJECT  -", "")
    assert not run_of(LOST).objects.has_any
    assert all(run_of(LOST).objects.of(index) is None for index in range(len(run_of(LOST).events)))


@pytest.mark.parametrize("width", WIDTHS)
def test_every_moment_fits_and_says_how_many_fields_are_left_out(width: int) -> None:
    watched = evolution()

    for index in range(len(watched.events)):
        assert [width_of(line) for line in object_lines(watched.objects, index, width=width)] == [width, width]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)], ids=str)
def test_the_screen_shows_it_and_steps_with_it(size: tuple[int, int]) -> None:
    watched = evolution()
    sent = of_shop("RecordSent", 3)

    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[str, str]:
        shown = frame(app)
        await press(pilot, "g")
        return shown, frame(app)

    async def opened(app: AcklabApp, pilot: Pilot[None]) -> tuple[str, str]:
        screen = app.screen
        screen.playhead.seek(sent)  # type: ignore[attr-defined]
        screen.show_moment()  # type: ignore[attr-defined]
        await pilot.pause()
        return await act(app, pilot)

    shown, first = use(watched, opened, size=size)

    assert "OBJECT  orders-value version 1, id 1" in shown
    assert "id 7" in shown
    assert "VERDICTS" in shown
    assert "OBJECT  -" in first


def test_stories_without_objects_keep_their_lines() -> None:
    async def act(app: AcklabApp, _pilot: Pilot[None]) -> str:
        return frame(app)

    assert "OBJECT" not in use(run_of(LOST), act, size=(120, 40))


def test_the_plain_text_of_a_moment_has_it_too() -> None:
    watched = evolution()

    lines = list(plain_lines(watched, index=event_of(watched, "RecordDecoded")))

    assert "OBJECT  orders-value version 1, id 1  AVRO  read by billing version 1" in lines
