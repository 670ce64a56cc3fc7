"""Layouts hold at the widths people have: no number is cut, a partition's number stands, and columns use the space there is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.pilot import Pilot

from producer.records import TopicPartition
from sim.tui.app import AcklabApp
from sim.tui.lines import text_of, width_of
from sim.tui.panels.cluster import cluster_fits, cluster_height, cluster_lines
from sim.tui.panels.producer import producer_lines
from sim.tui.view_model import Batch, BatchState, Broker, Life, Partition, Replica, Role, State
from tests.tui.runs import event_of, frame, press, use
from tests.tui.test_app import check_golden, on_top
from tests.tui.test_view_pages import SIZES, WIDE_NAMES, five_brokers

LETTERS = "abcdefghijklmnopqrstuvwxyz-_."
names = st.text(LETTERS, min_size=1, max_size=30)
offsets = st.integers(0, 10**7)


@st.composite
def states(draw: st.DrawFn) -> State:
    """Up to five brokers, up to six partitions of a topic with up to thirty letters, any roles and offsets."""
    state = State(now_us=1_000_000)
    topic, brokers = draw(names), draw(st.integers(1, 5))
    state.brokers = {
        number: Broker(number, draw(st.sampled_from(Life)), draw(st.booleans())) for number in range(1, brokers + 1)
    }
    for number in range(draw(st.integers(1, 6))):
        where = TopicPartition(topic, number)
        everybody = tuple(state.brokers)
        leader = draw(st.sampled_from((-1, *everybody)))
        isr = tuple(broker for broker in everybody if broker == leader or draw(st.booleans()))
        state.partitions[where] = Partition(leader, draw(st.integers(0, 99)), isr, everybody, (), 2)
        for broker in everybody:
            end = draw(offsets)
            state.replicas[topic, number, broker] = Replica(
                draw(st.sampled_from(Role)), draw(st.integers(0, 99)), draw(st.integers(0, end)), end
            )
        state.batches["producer-1", number] = Batch(
            "producer-1", number, topic, number, draw(st.sampled_from([BatchState.OPEN, BatchState.IN_FLIGHT])), 0,
            120_000_000, draw(st.integers(1, 500)), 1, max(leader, 1), draw(offsets),
        )  # fmt: skip
    return state


def check_whole(text: str) -> None:
    assert not re.search(r"\d…|…\d", text), text


@settings(max_examples=60)
@given(state=states(), width=st.integers(38, 200), height=st.integers(3, 20))
def test_no_number_of_the_cluster_is_cut_and_every_partition_keeps_its_own(
    state: State, width: int, height: int
) -> None:
    lines = cluster_lines(state, width=width, height=height)

    for line in lines:
        assert width_of(line) <= width or len(lines) == 1, text_of(line)
        check_whole(text_of(line))
    shown = [found[1] for line in lines if (found := re.match(r"\S*-(\d+) ", text_of(line)))]
    numbers = [str(where.partition) for where in sorted(state.partitions)]
    assert shown == numbers[: len(shown)]
    if height >= cluster_height(state):
        assert shown == numbers


@settings(max_examples=60)
@given(state=states(), width=st.integers(59, 200))
def test_every_replica_s_offsets_stand_where_every_broker_has_its_column(state: State, width: int) -> None:
    text = "\n".join(text_of(line) for line in cluster_lines(state, width=width, height=cluster_height(state)))

    for (_, number, broker), replica in state.replicas.items():
        is_told = (
            cluster_fits(state, width=width)
            or broker == state.partitions[next(where for where in state.partitions if where.partition == number)].leader
        )
        if is_told:
            assert re.search(rf"\b{replica.log_end}(?: hw |/){replica.high_watermark}\b", text)


@settings(max_examples=40)
@given(state=states(), width=st.integers(59, 200), height=st.integers(6, 20))
def test_no_number_of_a_producer_s_batches_is_cut(state: State, width: int, height: int) -> None:
    for line in producer_lines(state, begun_us=0, width=width, height=height):
        check_whole(text_of(line))


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_five_brokers_and_a_long_topic_at_the_sizes_people_have(size: tuple[int, int]) -> None:
    watched = five_brokers()

    async def act(app: AcklabApp, pilot: Pilot[None]) -> str:
        screen = on_top(app)
        screen.moved(screen.playhead.seek(event_of(watched, "BrokerCrashed")))
        await press(pilot)
        return frame(app)

    shown = use(watched, act, size=size)

    for line in shown.splitlines()[1:14]:
        check_whole(line)
    assert "241/239" in shown or "241 hw 239" in shown or size == (80, 24)
    check_golden(f"watch_{WIDE_NAMES}_{size[0]}x{size[1]}.txt", shown)
