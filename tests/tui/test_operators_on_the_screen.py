"""What operators do is seen: a broker that stops, a setting in effect, an election; on the screen and in a trace that is read back."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from producer.records import TopicPartition
from sim.faults.schedule import parse_entry
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import SettingAltered, TopicReconfigured
from sim.trace.trace import Trace, TraceHeader
from sim.tui.panels.cluster import cluster_lines
from sim.tui.telling import sign_of, told
from sim.tui.view_model import Life, Role
from tests.tui.runs import event_of, run_of

ORDERS_0 = TopicPartition("orders", 0)
LOWERED = "min_insync_replicas_altered"


def text_at(name: str, index: int) -> str:
    lines = cluster_lines(run_of(name).film.state_at(index), width=120, height=20)
    return "\n".join("".join(span.text for span in line) for line in lines)


def test_a_broker_that_stops_is_on_its_way_and_then_gone() -> None:
    name = "rolling_restart"
    stopping, stopped = event_of(run_of(name), "BrokerStopping"), event_of(run_of(name), "BrokerStopped")
    film = run_of(name).film

    assert film.state_at(stopping - 1).brokers[1].life is Life.UP
    assert film.state_at(stopping).brokers[1].life is Life.STOPPING
    assert film.state_at(stopped).brokers[1].life is Life.DOWN
    assert "b1 ▼ stopping" in text_at(name, stopping)
    assert "b1 ✗ down" in text_at(name, stopped)


def test_the_number_of_replicas_in_sync_on_the_screen_is_the_one_in_effect() -> None:
    altered = event_of(run_of(LOWERED), "TopicReconfigured")
    film = run_of(LOWERED).film

    assert film.state_at(altered - 1).partitions[ORDERS_0].min_insync_replicas == 2
    assert film.state_at(altered).partitions[ORDERS_0].min_insync_replicas == 1
    assert " min 1" in text_at(LOWERED, altered)


@pytest.mark.parametrize(
    "name, event, said",
    [
        ("rolling_restart", "BrokerStopping", "b1 is asked to stop"),
        ("rolling_restart", "ControlledShutdownBegan", "b1 may stop once others lead what it led"),
        ("rolling_restart", "BrokerStopped", "b1 has stopped; its logs are flushed"),
        ("rolling_restart", "RollingRestartEnded", "every broker of the rolling restart is back and in sync"),
        (LOWERED, "SettingAltered", "min.insync.replicas of topic orders is 1 from now on"),
        (LOWERED, "TopicReconfigured", "in effect for topic orders: min.insync.replicas=1"),
    ],
)
def test_every_step_has_its_line(name: str, event: str, said: str) -> None:
    watched = run_of(name)
    happened = watched.events[event_of(watched, event)]

    assert said in told(happened)
    assert sign_of(happened).glyph.strip()


def test_a_deleted_setting_reads_back_from_a_trace_as_it_was() -> None:
    lines = ("at 1ms: alter topic orders delete min.insync.replicas", "at 2ms: alter b1 set message.max.bytes=9000")
    report = run(replace(load("default_config"), schedule=tuple(map(parse_entry, lines))))
    out = io.StringIO()
    report.trace.write(out, TraceHeader("default_config", 0, {}))

    _, trace = Trace.read(io.StringIO(out.getvalue()))

    assert [event[1:] for event in trace.events if isinstance(event, SettingAltered)] == [
        ("topic orders", "min.insync.replicas", None),
        ("b1", "message.max.bytes", "9000"),
    ]
    assert [event for event in trace.events if isinstance(event, TopicReconfigured)]
    assert trace.digest() == report.digest
    assert "is deleted" in told(next(event for event in trace.events if isinstance(event, SettingAltered)))


def test_a_replica_whose_log_directory_failed_is_offline_and_its_broker_is_not() -> None:
    name = "log_directory_fails"
    failed = event_of(run_of(name), "LogDirectoryFailed")
    film = run_of(name).film
    before, after = film.state_at(failed - 1), film.state_at(failed)

    where = TopicPartition("orders", 1)
    assert (before.replica(where, 1).role, after.replica(where, 1).role) == (Role.LEADER, Role.OFFLINE)
    assert after.replica(where, 1).log_end == before.replica(where, 1).log_end > 0
    assert after.replica(ORDERS_0, 1).role is Role.LEADER
    assert after.brokers[1].life is Life.UP
    assert "✗ offline" in text_at(name, failed)
    event = run_of(name).events[failed]
    assert told(event) == "b1 finds that log directory 2 has failed, orders-1 with it"
    assert sign_of(event).glyph == "x"
