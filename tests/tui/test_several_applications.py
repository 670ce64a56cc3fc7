"""Several clients on a screen: each has its line, its life, its batches, and properties of its own to change."""

from __future__ import annotations

from textual.pilot import Pilot
from textual.widgets import Input

from sim.faults import parse_fault
from sim.faults.schedule import Entry
from sim.tui.app import AcklabApp
from sim.tui.changes import AddFault, SetProperty, anchor_behind, origin_of, run_with, value_of
from sim.tui.lines import text_of
from sim.tui.offers import offers
from sim.tui.panels.producer import producer_lines
from sim.tui.screens.compare import CompareScreen
from sim.tui.session import Watched
from sim.tui.view_model import Entity
from tests.tui.runs import event_of, frame, press, run_of, settled, use

TWO, RESTARTED, ZOMBIE = "two_applications", "application_restarts", "zombie_application"


def panel(watched: Watched, index: int, *, height: int = 20) -> list[str]:
    film = watched.film
    lines = producer_lines(film.state_at(index), begun_us=film.begun_us, width=120, height=height)
    return [text_of(one) for one in lines]


def test_each_client_has_a_line_and_its_batches_its_name() -> None:
    watched = run_of(ZOMBIE)

    shown = panel(watched, event_of(watched, "ApplicationResumed") - 1)

    assert "billing ‖ stands still, id" in shown[0]
    assert "16 acknowledged" in shown[0]
    assert "billing.2, id" in shown[1]
    opened = next(
        index
        for index, event in enumerate(watched.events)
        if type(event).__name__ == "BatchOpened" and event.client == "billing.2"
    )
    assert any("of billing.2 orders-0" in line for line in panel(watched, opened))


def test_where_there_is_no_room_for_them_all_clients_share_a_line() -> None:
    watched = run_of(ZOMBIE)

    shown = panel(watched, event_of(watched, "ApplicationResumed") - 1, height=6)

    assert shown[0].split()[1:] == ["billing", "‖", "stands", "still", "billing.2"]
    assert len(shown) == 6


def test_the_dead_wait_for_nothing_and_hold_nothing() -> None:
    watched = run_of(RESTARTED)
    death = event_of(watched, "ApplicationKilled")

    before, after = panel(watched, death - 1), panel(watched, death)

    assert "1 waiting" in before[1]
    assert "0 waiting, 0 failed, 1 perhaps written" in after[1]
    assert "✗ ended" in after[0]
    assert "not connected" in after[0]
    assert not any("batch" in line for line in after if line.startswith(("»", "□")))


def test_what_strikes_a_client_is_on_its_way() -> None:
    zombie = run_of(ZOMBIE)
    when = anchor_behind(zombie, event_of(zombie, "FaultInjected", 2))
    watched = run_with(zombie, AddFault(Entry(when, parse_fault("resume billing"))))
    paused, resumed = event_of(watched, "FaultInjected"), event_of(watched, "FaultInjected", 3)

    way = watched.ways.way(Entity("client", "billing"))

    assert {paused, resumed} <= set(way)
    assert event_of(watched, "ApplicationPaused") in way


def test_times_count_from_the_begin_of_the_story_and_deadlines_are_each_application_s_own() -> None:
    watched = run_with(run_of(TWO), SetProperty("metrics:delivery.timeout.ms", "35000"))

    state = watched.film.state_at(event_of(watched, "BatchOpened"))
    assert watched.film.story_us(event_of(watched, "PhaseBegan")) == 0
    assert state.delivery_timeout_us("metrics.2") == 35_000_000
    assert state.delivery_timeout_us("billing") == 120_000_000


def test_a_property_is_one_application_s() -> None:
    watched = run_of(TWO)

    changed = run_with(watched, SetProperty("metrics:acks", "all"))

    assert (watched.exit_code, changed.exit_code) == (1, 0)
    assert (value_of(watched, "metrics:acks"), origin_of(watched, "metrics:acks")) == ("1", "set")
    assert (value_of(watched, "billing:acks"), origin_of(watched, "billing:acks")) == ("all", "the default")
    assert changed.command("run", file="x.json") == "acklab run two_applications --seed 0 --set metrics:acks=all"


def test_faults_of_applications_are_offered_and_strike_where_they_were_chosen() -> None:
    watched = run_of(TWO)
    index = event_of(watched, "PhaseEnded")
    assert offers(watched.film.state_at(index), "kill") == ["kill billing", "kill metrics"]
    assert "pause metrics" in offers(watched.film.state_at(index), "pause")

    changed = run_with(watched, AddFault(Entry(anchor_behind(watched, index), parse_fault("kill billing"))))

    death = event_of(changed, "ApplicationKilled")
    assert changed.events[death].at_us == watched.events[index].at_us
    again = run_with(changed, AddFault(Entry(anchor_behind(changed, death), parse_fault("restart billing"))))
    assert "billing.2" in again.film.state_at(len(again.film) - 1).applications


def test_the_screen_asks_whose_property_it_is() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[str, str, str, bool]:
        await press(pilot, "c", "end", "up", "up", "enter")
        asked = frame(app)
        await press(pilot, "down", "enter")
        listed = frame(app)
        await press(pilot, "end", "enter")
        written = app.screen.query_one(Input).value
        await press(pilot, "enter")
        await settled(app, pilot)
        return asked, listed, written, isinstance(app.screen, CompareScreen)

    asked, listed, written, is_run = use(run_of(TWO), act)
    assert "A property of whose producer?" in asked
    assert "metrics:acks=1   set" in listed
    assert written == "metrics:acks=all"
    assert is_run
