"""What happens on a served cluster is told event by event over the control port, as far as it is still there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sim.cli.watch_attached import ServedCluster
from sim.serve import keeping, stretch
from sim.serve.client import Control, ControlError
from sim.serve.server import Serving
from sim.serve.stage import Stage
from sim.serve.stretch import Stretch, events_from
from sim.trace.events import BrokerCrashed, FaultInjected, TopicCreated
from sim.trace.trace import EVENT_TYPES, Trace, event_of, row_of
from sim.tui.attached import Attached, RefusedError, ServedEndedError
from sim.tui.view_model import Film, Life
from tests.serve.served import Served, answer, connected, metadata_request
from tests.tui.runs import STORIES, run_of

STAGE = Stage(topics=("orders:2:3",))


@pytest.fixture
def cluster() -> Iterator[Served]:
    with Served(STAGE, Serving(port=0, control_port=0)) as served:
        yield served


@pytest.fixture
def control(cluster: Served) -> Control:
    return Control(cluster.server.control_url)


def everything(control: Control) -> list[object]:
    found: list[object] = []
    while (part := control.events(len(found))).events:
        found += part.events
    return found


@pytest.mark.parametrize("name", STORIES)
def test_an_event_comes_over_as_it_was(name: str) -> None:
    for event in run_of(name).events:
        again = event_of(row_of(event))
        assert type(again) is type(event)
        assert again == event


def test_the_events_are_those_of_the_trace_in_its_order(cluster: Served, control: Control) -> None:
    with connected(cluster.address(1)) as client:
        client.sendall(metadata_request(correlation_id=1))
        answer(client)
    control.strike("crash b2")
    told = everything(control)

    trace = cluster.server.simulation.trace
    assert told == trace.events[: len(told)]
    names = [type(one) for one in told]
    assert names.index(TopicCreated) < names.index(FaultInjected) < names.index(BrokerCrashed)


def test_one_answer_is_bounded_and_the_next_goes_on(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretch, "EVENTS_MAX", 7)
    first, second = control.events(0), control.events(7)

    assert (first.first, first.end, len(first.events)) == (0, 7, 7)
    assert (second.first, second.end) == (7, 14)
    assert first.total >= 14


def test_what_was_let_go_is_not_told_and_the_first_that_is_has_its_number() -> None:
    trace = Trace()
    trace.events = [BrokerCrashed(at_us, 1, "kept") for at_us in range(30)]
    trace.shed(keep=10)

    found = events_from(trace, 5)
    assert (found.first, found.end, found.total) == (20, 30, 30)
    assert found.events[0].at_us == 20
    behind = events_from(trace, 99)
    assert (behind.first, behind.end, behind.events) == (30, 30, [])


@pytest.mark.parametrize("wanted", ["-1", "x", "1e9", "9" * 40])
def test_a_number_that_is_none_is_refused(wanted: str, control: Control) -> None:
    with pytest.raises(ControlError, match="is the number of no event"):
        control._ask("GET", f"/events?from={wanted}")


def test_events_of_another_version_are_told_as_that() -> None:
    given = {"begun_us": 0, "first": 0, "end": 1, "total": 1, "events": [["NeverHeardOf", 5]]}
    assert "NeverHeardOf" not in EVENT_TYPES
    with pytest.raises(KeyError):
        Stretch.from_json(given)


# -- as the screen sees it ---------------------------------------------------------------------------------------------


def test_an_attached_screen_has_the_state_of_the_whole_trace(cluster: Served, control: Control) -> None:
    served, attached = ServedCluster(control), Attached("here")
    attached.hear(served.hear(0))
    assert served.strike("pause leader(orders-0)") == "pause leader(orders-0)"
    while attached.next < (heard := served.hear(attached.next)).total:
        attached.hear(heard)

    count = len(attached.watched.events)
    whole = Film(cluster.server.simulation.trace.events[:count], begun_us=attached.watched.begun_us)
    assert attached.watched.film.state_at(count - 1) == whole.state_at(count - 1)
    assert attached.watched.film.state_at(count - 1).brokers[1].life is Life.PAUSED
    assert heard.standing.brokers[1] is Life.PAUSED


def test_who_attaches_late_has_the_cluster_as_it_stands(
    cluster: Served, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "RECENT_EVENTS", 2)
    control.strike("crash b2")
    control.strike("pause b3")
    assert cluster.server.simulation.trace.shed_count > 0
    attached = Attached("here")
    attached.hear(ServedCluster(control).hear(0))

    state = attached.watched.film.state_at(len(attached.watched.events) - 1)
    assert attached.missed > 0
    assert [state.brokers[number].life for number in (1, 2, 3)] == [Life.UP, Life.DOWN, Life.PAUSED]
    assert {str(where) for where in state.partitions} >= {"orders-0", "orders-1"}


def test_what_does_not_strike_says_why_and_an_end_is_one(cluster: Served, control: Control) -> None:
    served = ServedCluster(control)
    with pytest.raises(RefusedError, match="b9"):
        served.strike("crash b9")
    with pytest.raises(RefusedError, match="crush"):
        served.strike("crush b1")
    served.strike("crash b1")
    served.heal()
    assert served.hear(0).standing.brokers[1] is Life.UP
    assert "records acknowledged" in served.verdicts()
    control.shut_down()
    cluster._thread.join(60)

    for ask in (lambda: served.hear(0), lambda: served.strike("crash b1"), served.heal, served.verdicts):
        with pytest.raises(ServedEndedError):
            ask()
