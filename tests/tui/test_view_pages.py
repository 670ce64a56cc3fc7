"""What each view says follows from the trace, at any moment, and no number is cut at any width."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.pilot import Pilot

from producer.events import RecordAccepted
from sim import ClusterConfig, Phase, Scenario, TopicConfig, Workload, acknowledged, after, leader
from sim.judges.report.partitions import topic_loads
from sim.stories.runner import run
from sim.trace.events import RecordSent
from sim.tui.app import AcklabApp
from sim.tui.lines import text_of, width_of
from sim.tui.playhead import Playhead
from sim.tui.session import Watched, of_report
from sim.tui.view_model import State, take
from sim.tui.views import View, view_named
from tests.tui.runs import LOST, event_of, page_of, press, run_of, use
from tests.tui.test_app import check_golden
from tests.tui.test_views import by_name, shown_by

SIZES = ((80, 24), (100, 30), (120, 40), (160, 48))
WIDE_NAMES = "five_brokers"
MOVES = "default_config_survives_leader_moves"
LONG_TOPIC = "orders-of-the-northern-regions"
STORIES = (LOST, "hot_key", "late_produce_after_abort", WIDE_NAMES)


@cache
def five_brokers() -> Watched:
    """Five brokers, six partitions, a topic of thirty letters, and a leader that crashes."""
    scenario = Scenario(
        name=WIDE_NAMES,
        question="Does it all fit?",
        cluster=ClusterConfig(brokers=5, topics=(TopicConfig(LONG_TOPIC, partitions=6, replication_factor=5),)),
        workload=Workload(topic=LONG_TOPIC, records=1500, phases=(Phase(every_us=1_000),)),
        schedule=(after(acknowledged(600)).crash(leader(f"{LONG_TOPIC}-0")),),
    )
    return of_report(run(scenario, 0), source="", scenario=scenario)


def watched_of(name: str) -> Watched:
    return five_brokers() if name == WIDE_NAMES else run_of(name)


def page(name: str, view: str, index: int = -1, *, width: int = 0) -> list[str]:
    playhead = Playhead(watched_of(name))
    playhead.seek(index % len(playhead.watched.film))
    return [text_of(row.line).rstrip() for row in view_named(view).rows(playhead, width, 0)]


# -- every view --------------------------------------------------------------------------------------------------------


@by_name
@settings(max_examples=15)
@given(story=st.sampled_from(STORIES), place=st.floats(0, 1), width=st.integers(72, 200))
def test_every_line_fits_and_no_number_is_cut(view: View, story: str, place: float, width: int) -> None:
    playhead = Playhead(watched_of(story))
    playhead.seek(int(place * playhead.last))

    for row in view.rows(playhead, width, 0):
        text = text_of(row.line)
        assert width_of(row.line) <= width, text
        assert not re.search(r"\d…|…\d", text), text
        assert row.event is None or 0 <= row.event <= playhead.last


@by_name
@settings(max_examples=5, deadline=None)
@given(
    keys=st.lists(
        st.sampled_from(["right", "left", "f", "F", "n", "N", "e", "end", "home", "down", "up", "enter"]), max_size=12
    )
)
def test_after_any_keys_a_view_shows_the_fold_at_its_place(view: View, keys: list[str]) -> None:
    watched = run_of(LOST)

    async def act(app: AcklabApp, pilot: Pilot[None]) -> None:
        await press(pilot, view.key, *keys)
        screen = shown_by(app)
        index = screen.playhead.index
        fresh = Playhead(watched)
        state = State(delivery_timeouts_us=watched.film.state_at(0).delivery_timeouts_us)
        for event in watched.events[: index + 1]:
            take(state, event)
        assert screen.playhead.state == state
        fresh.seek(index)
        wanted = [text_of(row.line).rstrip() for row in view.rows(fresh, *screen.room)]
        shown = page_of(app).splitlines()[4:-1]
        top = int(screen.page.scroll_offset.y)
        columns = screen.page.room
        assert [line[:columns].rstrip() for line in shown[: len(wanted)]] == wanted[top : top + len(shown)]
        assert f"#{index} of" in page_of(app)

    use(watched, act)


FRAMES = (
    ("cluster", WIDE_NAMES, "BrokerCrashed", 1),
    ("producer", MOVES, "BatchRetried", 1),
    ("producer", WIDE_NAMES, "BrokerCrashed", 1),
    ("logs", LOST, "LogTruncated", 1),
    ("logs", WIDE_NAMES, "BrokerCrashed", 1),
    ("logs", "late_produce_after_abort", "MarkerAppended", 3),
    ("metrics", MOVES, "RunEnded", 1),
    ("metrics", LOST, "BrokerFenced", 1),
    ("bytes", LOST, "BatchSent", 4),
    ("verdicts", LOST, "RunEnded", 1),
    ("heat", "hot_key", "RunEnded", 1),
    ("heat", WIDE_NAMES, "RunEnded", 1),
    ("transactions", "late_produce_after_abort", "MarkerAppended", 1),
)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("view, story, event, nth", FRAMES)
def test_each_view_as_it_stands_at_the_sizes_people_have(
    view: str, story: str, event: str, nth: int, size: tuple[int, int]
) -> None:
    watched = watched_of(story)

    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        await press(pilot, view_named(view).key)
        shown_by(app).moved(shown_by(app).playhead.seek(event_of(watched, event, nth)))
        await press(pilot)
        return page_of(app)

    check_golden(f"view_{view}_{story}_{size[0]}x{size[1]}.txt", use(watched, act, size=size))


# -- cluster, producer -------------------------------------------------------------------------------------------------


def test_the_cluster_tells_what_each_broker_does_and_leads_to_the_faults() -> None:
    watched = run_of(LOST)
    playhead = Playhead(watched)
    playhead.seek(event_of(watched, "BrokerFenced"))

    rows = view_named("cluster").rows(playhead, 100, 0)

    text = [text_of(row.line).rstrip() for row in rows]
    assert "  b1 down, fenced: the controller does not count on it; leads 0, follows 0" in text
    assert [row.event for row in rows if row.event is not None] == watched.marks.faults[:2]


def test_a_batch_is_told_with_its_sequences_and_how_long_its_timers_run() -> None:
    watched = five_brokers()
    retried = page(MOVES, "producer", event_of(run_of(MOVES), "BatchRetried"))
    sent = page(WIDE_NAMES, "producer", event_of(watched, "BatchSent"))
    opened = page(WIDE_NAMES, "producer", event_of(watched, "RecordAccepted"))

    assert any("linger 0.005s left  fails in 120.000s" in line for line in opened)
    assert any(re.search(r"seq 0-\d+ to b\d try 1  answer due in 30.000s  fails in 1\d\d", line) for line in sent)
    assert any(re.search(r"seq \d+(-\d+)? try 1 \w+  again in 0\.\d+s  fails in 1", line) for line in retried)


# -- heat --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["heat", "logs", "transactions"])
def test_a_view_that_is_empty_at_the_begin_says_how_to_go_on_and_at_the_end_does_not(view: str) -> None:
    assert "; → goes on one event, End to the end of the run" in " ".join(page("hot_key", view, 0))
    assert "End to the end" not in " ".join(page("hot_key", view))


def test_hot_key_shows_which_partition_and_which_key_are_hot_and_how_far_it_is_from_even() -> None:
    lines = page("hot_key", "heat", width=80)

    assert lines[0] == "orders  skew 4.3  the fullest of 6 partitions over the average; 1 is even"
    assert lines[1] == "  hot: orders-4 has 216 of 300 records, 72%; user-42 has 203 of them, 94%"
    assert lines[2].split() == ["key", "p0", "p1", "p2", "p3", "p4", "p5", "all"]
    assert lines[5].split() == ["user-42", "·", "·", "·", "·", "█████", "203", "·", "203"]


@pytest.mark.parametrize("story", ["hot_key", "hot_key_salted", LOST, "partition_expansion_reorder"])
def test_skew_and_counts_are_those_of_the_report(story: str) -> None:
    watched = watched_of(story)

    for load, told in zip(watched.loads.at(len(watched.events) - 1), topic_loads(watched.events), strict=True):
        assert load.topic == told.topic
        assert load.skew == pytest.approx(told.skew)
        assert {one.where.partition: one.records for one in told.partitions} == {
            partition: records for partition, records in load.by_partition.items() if records
        }


@pytest.mark.parametrize("story", ["hot_key", "partition_expansion_reorder", "two_applications"])
@given(data=st.data())
def test_the_heat_of_then_is_what_the_events_up_to_there_make_of_it(story: str, data: st.DataObject) -> None:
    watched = watched_of(story)
    index = data.draw(st.integers(0, len(watched.events) - 1))
    keys: dict[tuple[str, int], bytes | None] = {}
    counted: dict[str, Counter[tuple[bytes | None, int]]] = {}

    for event in watched.events[: index + 1]:
        match event:
            case RecordSent():
                keys[event.client, event.record] = event.key
            case RecordAccepted():
                counted.setdefault(event.topic, Counter())[keys[event.client, event.token], event.partition] += 1
            case _:
                pass

    assert {load.topic: Counter(load.cells) for load in watched.loads.at(index)} == counted


def test_partitions_that_find_no_room_share_a_column_and_nothing_is_lost() -> None:
    narrow, wide = page("hot_key", "heat", width=40), page("hot_key", "heat", width=200)

    heading = next(line for line in narrow if line.startswith("key"))
    assert heading.split()[-2:] == ["rest", "all"]
    counts = [re.findall(r"\d+", line.replace("all keys", "")) for line in narrow if line.startswith("all keys")]
    assert sum(map(int, counts[0][:-1])) == int(counts[0][-1]) == 300
    assert "all keys" in " ".join(wide)
