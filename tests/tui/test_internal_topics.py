"""What brokers and registries keep for themselves takes a line of the screen, and counts as nobody's records."""

from __future__ import annotations

from collections import Counter

import pytest
from textual.pilot import Pilot

from producer.records import TopicPartition
from sim.clients.reader import CONSUMER
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import RecordRead
from sim.tui.app import AcklabApp
from sim.tui.lines import text_of, width_of
from sim.tui.panels.cluster import FOLDED_FROM, cluster_height, cluster_lines
from sim.tui.view_model import Partition, State
from tests.tui.runs import SMALL, frame, press, run_of, use

REGISTRY_STORY = "backward_is_not_forward"
OFFSETS = "__consumer_offsets"


def at_the_end() -> State:
    film = run_of(REGISTRY_STORY).film
    return film.state_at(len(film) - 1)


def test_on_a_small_screen_the_story_s_own_partitions_are_all_there() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        await press(pilot, "end")
        return frame(app)

    shown = use(run_of(REGISTRY_STORY), act, size=SMALL).splitlines()
    begin = next(place for place, text in enumerate(shown) if text.startswith("CLUSTER"))

    assert shown[begin + 1].startswith("orders-0 ")
    assert shown[begin + 2].rstrip() == f"and _schemas-0, 50 of {OFFSETS}"
    assert shown[begin + 3].startswith("PRODUCER")


def test_with_room_each_partition_is_told_in_full_and_the_topic_in_one_line() -> None:
    lines = [text_of(one) for one in cluster_lines(at_the_end(), width=80, height=cluster_height(at_the_end()))]

    assert [text.split()[0] for text in lines[::2]] == ["CLUSTER", "end", "end"]
    assert [text.split()[0] for text in lines[1::2]] == ["orders-0", "_schemas-0", OFFSETS]
    assert lines[-1] == f"{OFFSETS}  50 partitions, all led, all in sync"


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("height", [3, 4, 6, 30])
def test_whatever_room_there_is_the_story_s_own_comes_first_and_nothing_runs_over(width: int, height: int) -> None:
    lines = cluster_lines(at_the_end(), width=width, height=height)

    assert len(lines) <= height
    assert text_of(lines[1]).startswith("orders-0 ")
    assert all(width_of(one) <= width for one in lines[1:])


def test_it_says_what_is_not_as_it_should_be() -> None:
    state = at_the_end()
    first, second, third = sorted(where for where in state.partitions if where.topic == OFFSETS)[:3]
    for where in (first, second):
        state.partitions[where] = state.partitions[where]._replace(leader=-1)
    state.partitions[third] = state.partitions[third]._replace(isr=state.partitions[third].isr[:2])

    last = text_of(cluster_lines(state, width=100, height=cluster_height(state))[-1])

    assert last == f"{OFFSETS}  50 partitions, ✗ 2 without a leader, 1 not all in sync"


@pytest.mark.parametrize("count", [FOLDED_FROM - 1, FOLDED_FROM])
def test_few_partitions_of_an_internal_topic_stay_apart(count: int) -> None:
    state = at_the_end()
    some: Partition = state.partitions[TopicPartition("orders", 0)]
    for where in [where for where in state.partitions if where.topic == OFFSETS]:
        del state.partitions[where]
    for number in range(count):
        state.partitions[TopicPartition(OFFSETS, number)] = some

    shown = "\n".join(text_of(one) for one in cluster_lines(state, width=100, height=cluster_height(state)))

    assert (f"{OFFSETS}-0" in shown) is (count < FOLDED_FROM)
    assert (f"{OFFSETS}  {count} partitions" in shown) is (count >= FOLDED_FROM)


def test_applications_records_alone_are_counted_on_the_screen_and_in_the_report() -> None:
    report, state = run(load(REGISTRY_STORY)), at_the_end()
    read = Counter(event.topic for event in report.trace if isinstance(event, RecordRead) and event.client == CONSUMER)

    assert read["_schemas"]
    assert report.counts.read == state.read == read["orders"] == 20
    assert sum(one.sent for one in state.applications.values()) == report.counts.sent == 20


def test_what_is_in_a_group_s_topic_of_positions_is_not_read_back_either() -> None:
    report = run(load("coordinator_fails_over"))
    read = Counter(event.topic for event in report.trace if isinstance(event, RecordRead) and event.client == CONSUMER)

    assert read[OFFSETS]
    assert report.counts.read == read["orders"]
