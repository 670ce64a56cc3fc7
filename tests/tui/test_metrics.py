"""The metrics over time are Kafka's arithmetic over what the trace tells, at any moment; and equal to what the engine itself counts."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producer.metrics.stats import Window
from producer.records import Record
from sim.tui.lines import text_of
from sim.tui.playhead import Playhead
from sim.tui.view_model.metrics import COLUMNS, TOLD, Recorder, counts_of
from sim.tui.views import view_named
from sim.world.units import SECOND_US
from tests.tui.runs import LOST, event_of, run_of
from tests.unit.sim.clients.test_drivers import Stage

MOVES = "default_config_survives_leader_moves"
STORIES = (LOST, MOVES, "two_applications")


def texts(values: dict[str, float]) -> dict[str, str]:
    """As text: NaN is not equal to itself."""
    return {name: f"{value:.9g}" for name, value in values.items()}


@pytest.mark.parametrize("is_struck", [False, True], ids=["quiet", "a leader crashes"])
def test_they_are_what_the_engine_itself_counts(is_struck: bool) -> None:
    stage = Stage(request_timeout_ms=2_000, delivery_timeout_ms=60_000)

    def story() -> Generator[Any, Any, None]:
        for number in range(200):
            yield from stage.producer.send(Record("orders", b"v" * 200, b"k%d" % (number % 7)), number)
            yield stage.world.timeout(1_000)
            if is_struck and number == 100:
                stage.cluster.crash(1)
        yield from stage.producer.flush()

    stage.play(story())
    recorder = Recorder(Window())
    for event in stage.cluster.trace.events:
        recorder.take(event)
    (told,) = recorder.read(stage.world.now_us).values()

    counted = {one.name: stage.producer.metrics().value(one.name) for one in TOLD}
    # The trace tells of a connection once its API versions are agreed, a round trip behind what the engine counts.
    rate = "connection-creation-rate"
    assert told.pop(rate) == pytest.approx(counted.pop(rate), rel=1e-3)
    assert texts(told) == texts(counted)
    assert told["record-send-total"] >= 200
    assert (told["record-retry-total"] > 0) == is_struck


@pytest.mark.parametrize("name", STORIES)
@settings(max_examples=15)
@given(data=st.data())
def test_the_metrics_of_then_are_what_the_events_up_to_there_make_of_them(name: str, data: st.DataObject) -> None:
    watched = run_of(name)
    index = data.draw(st.integers(0, len(watched.events) - 1))
    recorder = Recorder(watched.metrics.window)
    for event in watched.events[: index + 1]:
        recorder.take(event)

    wanted = recorder.read(watched.events[index].at_us)
    found = watched.metrics.at(index)

    assert {client: texts(one) for client, one in found.items()} == {
        client: texts(one) for client, one in wanted.items()
    }
    assert watched.metrics.counts_at(index) == counts_of(watched.film.state_at(index))


@pytest.mark.parametrize("name", STORIES)
def test_every_curve_has_a_value_for_each_of_its_moments(name: str) -> None:
    metrics = run_of(name).metrics

    assert len(metrics.columns) == len(metrics.counts) == COLUMNS
    assert all(len(series) == COLUMNS for series in metrics.producers.values())
    assert metrics.columns == sorted(metrics.columns)
    assert metrics.columns[-1] == len(run_of(name).events)


def test_a_crash_is_seen_in_the_counts_of_partitions_and_brokers() -> None:
    watched = run_of(LOST)
    playhead = Playhead(watched)
    playhead.seek(event_of(watched, "LeaderElected", 2))

    rows = view_named("metrics").rows(playhead, 100, 0)

    said = {text_of(row.line).split()[0]: text_of(row.line).split()[-2:] for row in rows if text_of(row.line).strip()}
    assert said["UnderReplicatedPartitions"] == ["0", "1"]
    assert said["ActiveBrokerCount"] == ["3", "2"]
    assert said["FencedBrokerCount"] == ["0", "1"]
    assert any(
        "crash b1: UnderReplicatedPartitions 0 → 1, ActiveBrokerCount 3 → 2" in text_of(row.line) for row in rows
    )


def test_a_rate_is_over_the_windows_that_the_view_names() -> None:
    watched = run_of(LOST)
    window = watched.metrics.window

    assert window.samples == 2
    assert f"metrics.sample.window.ms={window.sample_us // 1_000} " in text_of(
        view_named("metrics").rows(Playhead(watched), 0, 0)[0].line
    )
    assert window.sample_us < SECOND_US
    assert not any(math.isnan(value) for value in watched.metrics.counts[-1].values())
