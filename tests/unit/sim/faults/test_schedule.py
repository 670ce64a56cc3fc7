"""A schedule strikes when it says, names whom it struck, and never ends in a traceback."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from sim.cluster.cluster import Cluster
from sim.cluster.config import ClusterConfig
from sim.cluster.topic_config import TopicConfig
from sim.faults import FaultTextError, Leader, followers, leader
from sim.faults.armed import ArmedSchedule
from sim.faults.points import appended, event, phase_ended
from sim.faults.schedule import After, Anchor, At, Entry, Schedule, parse_anchor, parse_entry
from sim.faults.words import after, at
from sim.trace.events import BrokerCrashed, BrokerPaused, FaultInjected, FaultRefused, PhaseEnded
from sim.trace.trace import Trace
from sim.world.kernel import World
from sim.world.units import SECOND_US
from tests.unit.sim.faults.test_faults import faults

ADAPTER: TypeAdapter[Schedule] = TypeAdapter(Schedule)

wanted = st.one_of(
    st.integers(-5, 5),
    st.sampled_from(["orders", "unflushed lost", "b1", 'a "quoted" \\ word', "x: y", "", "é", "leader(orders-0)"]),
    st.builds(Leader, st.just("orders-0")),
)
wheres = st.lists(st.tuples(st.sampled_from(["broker", "topic", "partition"]), wanted), max_size=3).map(tuple)
anchors = st.one_of(
    st.builds(At, st.integers(0, 10**10)),
    st.builds(
        After, st.sampled_from(["BatchAppended", "BecameLeader"]), st.integers(1, 50), wheres, st.integers(0, 10**7)
    ),
)


def settled_cluster() -> tuple[World, Trace, Cluster]:
    world, trace = World(seed=1), Trace()
    cluster = Cluster(world, trace, ClusterConfig(topics=(TopicConfig("orders"),)))
    cluster.start()
    while not cluster.is_settled():
        world.run_until(world.now_us + 10_000)
    return world, trace, cluster


def struck(trace: Trace) -> list[str]:
    return [one.fault for one in trace if isinstance(one, FaultInjected)]


@given(anchors)
def test_text_of_an_anchor_reads_back(anchor: Anchor) -> None:
    assert parse_anchor(str(anchor)) == anchor


@given(st.lists(st.builds(Entry, anchors, faults, st.booleans()), max_size=3).map(tuple))
def test_schedule_reads_back_as_text_and_as_json(schedule: Schedule) -> None:
    assert tuple(parse_entry(str(entry)) for entry in schedule) == schedule
    assert ADAPTER.validate_json(ADAPTER.dump_json(schedule)) == schedule


def test_scenario_words_read_aloud_as_they_are_written() -> None:
    assert str(at(2 * SECOND_US).crash("b1")) == "at 2s: crash b1"
    assert (
        str(after(appended("orders-0", nth=3)).wait(5_000).pause(followers("orders-0")))
        == "after BatchAppended#3 topic=orders partition=0 +5ms: pause followers(orders-0)"
    )


def test_time_counts_from_the_story_s_begin() -> None:
    world, trace, cluster = settled_cluster()
    begun_us = world.now_us

    ArmedSchedule(world, trace, cluster, (at(SECOND_US).crash("b2"),))
    world.run_until(begun_us + 2 * SECOND_US)

    (crash,) = [one for one in trace if isinstance(one, BrokerCrashed)]
    assert crash.at_us == begun_us + SECOND_US


def test_role_is_resolved_when_the_fault_strikes() -> None:
    world, trace, cluster = settled_cluster()

    armed = ArmedSchedule(
        world, trace, cluster, (at(0).move_leader("orders-0", to=3), at(SECOND_US).pause(followers("orders-0")))
    )
    world.run_until(world.now_us + 2 * SECOND_US)

    assert struck(trace) == ["move orders-0 to b3", "pause b1,b2"]
    assert [one.broker for one in trace if isinstance(one, BrokerPaused)] == [1, 2]
    assert armed.is_spent


def test_point_in_the_protocol_strikes_at_the_nth_match_before_anything_else() -> None:
    world, trace, cluster = settled_cluster()
    ArmedSchedule(world, trace, cluster, (after(event("PhaseEnded", nth=2, where={"phase": 7})).crash("b1"),))
    seen: list[str] = []

    trace.emit(PhaseEnded(world.now_us, "app", 7))
    trace.emit(PhaseEnded(world.now_us, "app", 8))
    world.call_in(0, seen.append, "something else due now")
    trace.emit(PhaseEnded(world.now_us, "app", 7))
    world.run_while(lambda: not seen, until_us=world.now_us, events_max=100)

    assert struck(trace) == ["crash b1"]


def test_illegal_fault_is_reported_and_nothing_else_happens() -> None:
    world, trace, cluster = settled_cluster()

    armed = ArmedSchedule(world, trace, cluster, (at(0).restart("b1"), at(0).crash("b9"), at(0).cut_link("nobody")))
    world.run_until(world.now_us + 1_000)

    assert sorted(armed.refused) == [0, 1, 2]
    refused = [one for one in trace if isinstance(one, FaultRefused)]
    assert [one.entry for one in refused] == [0, 1, 2]
    assert "b9" in refused[1].fault
    assert "there are b1, b2, b3, controller" in refused[2].reason


def test_link_of_a_host_to_itself_is_reported() -> None:
    world, trace, cluster = settled_cluster()

    armed = ArmedSchedule(world, trace, cluster, (at(0).cut_link("b1", leader("orders-0")),))
    world.run_until(world.now_us + 1_000)

    assert armed.refused == {0: "b1 has no link to itself"}


def test_role_that_nobody_holds_is_reported() -> None:
    world, trace, cluster = settled_cluster()

    armed = ArmedSchedule(world, trace, cluster, (at(0).crash(leader("payments-0")),))
    world.run_until(world.now_us + 1_000)

    assert list(armed.refused) == [0]
    assert struck(trace) == []


def test_fault_of_several_brokers_strikes_those_that_it_can() -> None:
    world, trace, cluster = settled_cluster()

    armed = ArmedSchedule(world, trace, cluster, (at(0).crash("b2"), at(10).crash("b2,b3")))
    world.run_until(world.now_us + 1_000)

    assert not armed.refused
    assert [one.broker for one in trace if isinstance(one, BrokerCrashed)] == [2, 3]


def test_moment_that_never_comes_stays_open() -> None:
    world, trace, cluster = settled_cluster()

    armed = ArmedSchedule(world, trace, cluster, (after(phase_ended(9)).crash("b1"),))
    world.run_until(world.now_us + SECOND_US)

    assert list(armed.unfired) == [0]
    assert not armed.is_spent


def test_fault_that_may_be_refused_says_so_at_the_end_of_its_line() -> None:
    entry = at(2 * SECOND_US).crash("b1", disk="unflushed lost").if_possible()

    assert str(entry) == "at 2s: crash b1, unflushed lost if possible"
    assert parse_entry("at 2s:  crash b1, unflushed lost   if  possible ") == entry
    assert entry.may_be_refused
    assert not parse_entry("at 2s: crash b1").may_be_refused


@pytest.mark.parametrize(
    "text,said",
    [
        ("at 2s: if possible", "is not a fault"),
        ("at 2s: crash b1 possibly", "is not a fault"),
        ("at 2s if possible: crash b1", "is not a point in time"),
        ("crash b1", "is not a fault with its time"),
        ("tomorrow: crash b1", "is not a point in time"),
        ("at 2: crash b1", "is not a point in time"),
        ("after BatchApended: crash b1", "did you mean BatchAppended?"),
        ("after BatchAppended#0: crash b1", "counted from 1"),
        ("after BatchAppended colour=red: crash b1", "has no field 'colour'"),
        ("after BatchAppended sometimes: crash b1", "'sometimes'"),
        ("at 2s: crush b1", "is not a fault"),
    ],
)
def test_bad_text_says_what_was_expected(text: str, said: str) -> None:
    with pytest.raises(FaultTextError) as raised:
        parse_entry(text)

    assert said in str(raised.value)
