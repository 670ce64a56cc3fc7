"""A state is what the events up to there make of it, wherever one comes from."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.records import TopicPartition
from sim.trace.events import LastStableOffsetMoved
from sim.tui.lines import text_of
from sim.tui.panels.cluster import cluster_lines
from sim.tui.panels.producer import producer_lines
from sim.tui.session import Watched
from sim.tui.telling import code_text, told
from sim.tui.view_model import Batch, BatchState, Film, Life, Marks, Role, State, take
from sim.tui.view_model.entities import Ways
from sim.tui.view_model.film import EVERY
from tests.guarantees.written import WrittenTrace
from tests.tui.runs import LOST, STORIES, event_of, run_of

ORDERS_0 = TopicPartition("orders", 0)


def folded(watched: Watched, index: int) -> State:
    state = State(delivery_timeouts_us=watched.film.state_at(-1).delivery_timeouts_us)
    for event in watched.events[: index + 1]:
        take(state, event)
    return state


@pytest.mark.parametrize("story", STORIES)
@given(data=st.data())
def test_seek_gives_the_fold_of_the_events_up_to_there(story: str, data: st.DataObject) -> None:
    watched = run_of(story)
    places = st.integers(-1, len(watched.events) - 1)

    for index in data.draw(st.lists(places, min_size=1, max_size=6)):
        assert watched.film.state_at(index) == folded(watched, index)


def test_step_back_is_the_earlier_index_and_leaves_other_states_as_they_were() -> None:
    watched = run_of(LOST)
    earlier, later = watched.film.state_at(120), watched.film.state_at(121)
    before = folded(watched, 120), folded(watched, 121)

    assert watched.film.state_at(120) == earlier

    for index in range(len(watched.events)):
        watched.film.state_at(index)
    assert (earlier, later) == before


def test_seek_replays_from_a_snapshot_and_not_from_the_beginning() -> None:
    events = [*run_of(LOST).events] * 5
    film = Film(events)

    assert len(events) > 4 * EVERY
    assert all(
        film.state_at(index).seen == index + 1 for index in (0, EVERY - 1, EVERY, 3 * EVERY + 5, len(events) - 1)
    )


def test_a_crashed_broker_keeps_its_log_and_loses_its_role() -> None:
    watched = run_of(LOST)
    crash = event_of(watched, "BrokerCrashed")

    before, after = watched.film.state_at(crash - 1), watched.film.state_at(crash)

    assert before.replica(ORDERS_0, 1).role is Role.LEADER
    assert after.replica(ORDERS_0, 1).role is Role.NONE
    assert after.replica(ORDERS_0, 1).log_end == before.replica(ORDERS_0, 1).log_end == 30
    assert (before.brokers[1].life, after.brokers[1].life) == (Life.UP, Life.DOWN)
    assert after.brokers[2].life is Life.PAUSED


def test_a_truncated_log_ends_where_it_was_cut() -> None:
    watched = run_of(LOST)
    cut = event_of(watched, "LogTruncated")

    assert watched.film.state_at(cut - 1).replica(ORDERS_0, 1).log_end == 30
    assert watched.film.state_at(cut).replica(ORDERS_0, 1).log_end == 15


def test_the_controllers_view_follows_elections_and_the_isr() -> None:
    watched = run_of(LOST)
    election = event_of(watched, "LeaderElected", 2)

    old, new = (watched.film.state_at(index).partitions[ORDERS_0] for index in (election - 1, election))

    assert (old.leader, old.leader_epoch, old.isr) == (1, 0, (1, 2, 3))
    assert (new.leader, new.leader_epoch, new.isr) == (2, 1, (2, 3))
    assert new.min_insync_replicas == 2


def test_a_batch_goes_from_the_accumulator_over_the_wire_to_done() -> None:
    watched = run_of(LOST)
    film = watched.film
    key = ("producer-1", 4)
    opened, sent = event_of(watched, "BatchOpened", 4), event_of(watched, "BatchSent", 4)
    acknowledged = event_of(watched, "BatchAcknowledged", 4)

    waiting, flying = film.state_at(sent - 1).batches[key], film.state_at(sent).batches[key]
    over = film.state_at(acknowledged)

    assert (waiting.state, waiting.records) == (BatchState.OPEN, 5)
    assert waiting.deadline_us == watched.events[opened].at_us + 120_000_000
    assert (flying.state, flying.broker, flying.attempt) == (BatchState.IN_FLIGHT, 1, 1)
    assert key not in over.batches
    assert (over.ended[-1].state, over.ended[-1].base_offset, over.done) == (BatchState.DONE, 15, 4)


def test_a_retried_batch_has_its_sequence_its_attempts_and_its_error() -> None:
    watched = run_of("default_config_survives_leader_moves")
    retried = event_of(watched, "BatchRetried")
    event = watched.events[retried]

    batch: Batch = watched.film.state_at(retried).batches[event.client, event.batch]

    assert batch.state is BatchState.RETRYING
    assert (batch.attempt, batch.code, batch.not_before_us) == (1, event.code, event.not_before_us)
    assert batch.base_sequence >= 0


def test_counts_are_those_of_the_report() -> None:
    last = run_of(LOST).film.state_at(len(run_of(LOST).events) - 1)

    (told,) = last.applications.values()

    assert (told.sent, told.acknowledged, told.failed, told.unknown, told.waiting) == (30, 30, 0, 0, 0)
    assert last.read == 15
    assert last.is_over


def test_faults_stand_in_the_state_from_their_event_on() -> None:
    watched = run_of(LOST)
    pause, crash = watched.marks.faults

    assert watched.film.state_at(pause - 1).faults == ()
    assert [fault.fault for fault in watched.film.state_at(crash).faults] == ["pause b2,b3", "crash b1"]


def test_times_count_from_the_begin_of_the_story() -> None:
    film = run_of(LOST).film

    assert film.story_us(film.first_of_story) == 0
    assert film.story_us(0) < 0


def test_a_mark_shows_the_worst_of_its_stretch() -> None:
    watched = run_of(LOST)
    marks = watched.marks
    (violation,) = marks.violations

    assert type(watched.events[violation]).__name__ == "LogTruncated"
    assert marks.between(violation, violation + 1).name == "VIOLATION"
    assert marks.between(marks.faults[0], marks.faults[0] + 1).name == "FAULT"
    assert marks.between(0, len(watched.events)).name == "VIOLATION"
    assert marks.between(0, 10).name == "NOTHING"
    assert Marks(watched.events).violations == []


@given(st.integers(0, 220))
def test_next_and_previous_event_of_an_entity_are_neighbours(index: int) -> None:
    ways = run_of(LOST).ways

    for entity in ways.of(index):
        assert index in ways.way(entity)
        following = ways.next(entity, index)
        if following is not None:
            assert following > index
            assert ways.previous(entity, following) == index


def test_the_way_of_a_record_leads_through_its_batch_to_the_answer() -> None:
    watched = run_of(LOST)
    (record, *_) = watched.ways.of(event_of(watched, "RecordSent", 16))

    names = [type(watched.events[number]).__name__ for number in watched.ways.way(record)]

    assert names == [
        "RecordSent",
        "BatchOpened",
        "RecordAccepted",
        "BatchSent",
        "RequestReceived",
        "BatchAppended",
        "ProduceAnswered",
        "ResponseSent",
        "BatchAcknowledged",
        "RecordAcknowledged",
    ]


def test_a_followers_copy_is_on_the_way_of_its_batch() -> None:
    watched = run_of(LOST)

    assert watched.ways.batch_of(event_of(watched, "BatchReplicated")) == "batch 1"


def test_two_clients_with_equal_numbers_have_records_and_batches_of_their_own() -> None:
    trace = WrittenTrace().by("app-1").write(1, at=0).by("app-2")
    trace.batches = trace.requests = 0
    trace.write(1, at=1)
    ways = Ways(trace.events)
    sends = [place for place, event in enumerate(trace.events) if type(event).__name__ == "RecordSent"]

    first, second = (ways.of(place)[0] for place in sends)

    assert (str(first), str(second)) == ("record 1 of app-1", "record 1 of app-2")
    assert not set(ways.way(first)) & set(ways.way(second))
    acknowledgement = len(trace.events) - 1
    said = told(trace.events[acknowledgement], whose=ways.whose(acknowledgement))
    assert said == "record 1 of app-2: told as written, offset 1"
    assert ways.batch_of(sends[1] + 2) == "batch 1 of app-2"


@pytest.mark.parametrize("width", [50, 59, 60, 79, 120])
@pytest.mark.parametrize("name", [LOST, "several_topics", "rolling_restart"])
def test_the_cluster_is_told_whole_at_every_width_that_people_have(name: str, width: int) -> None:
    """At every moment: no role, number or partition is cut, and columns stand under their brokers."""
    watched = run_of(name)

    for index in range(0, len(watched.events), 7):
        lines = [text_of(one) for one in cluster_lines(watched.film.state_at(index), width=width, height=20)]

        assert not [one for one in lines if "…" in one]
        assert max(map(len, lines)) <= width


@pytest.mark.parametrize(
    "name", [LOST, "two_applications", "new_epoch_repeats_a_record", "hot_key", "zombie_application"]
)
def test_the_producer_is_told_whole_beside_the_cluster(name: str) -> None:
    """At every moment and in half of 120 columns: who it is, where it has connections, every batch with what it met."""
    watched = run_of(name)

    for index in range(0, len(watched.events), 3):
        state = watched.film.state_at(index)
        lines = [text_of(one) for one in producer_lines(state, begun_us=watched.film.begun_us, width=60, height=12)]

        # Why a batch failed is told in a sentence, last in its line.
        assert max(len(one) for one in lines if "✗ failed" not in one) <= 60
        for batch in state.batches.values():
            told = next(one for one in lines if f"batch {batch.batch}" in one and str(batch.partition) in one)
            assert batch.state is not BatchState.RETRYING or told.endswith(code_text(batch.code))


def test_what_fits_is_told_in_full() -> None:
    watched = run_of("two_applications")
    film = watched.film
    state = film.state_at(event_of(watched, "BrokerCrashed") + 2)

    wide = [text_of(one) for one in producer_lines(state, begun_us=film.begun_us, width=120, height=12)]
    narrow = [text_of(one) for one in producer_lines(state, begun_us=film.begun_us, width=60, height=12)]

    assert wide[-1].endswith("batch 1 of billing orders-0 10 records seq 0-9 try 1 until 120.001s NETWORK_EXCEPTION")
    assert narrow[-1].endswith("batch 1 of billing orders-0 NETWORK_EXCEPTION")


def test_a_partition_s_number_stands_however_long_its_topic_s_name() -> None:
    state = run_of(LOST).film.state_at(event_of(run_of(LOST), "BrokerCrashed"))
    long = TopicPartition("payments-of-the-northern-region", 17)
    state.partitions[long] = state.partitions.pop(ORDERS_0)

    told = text_of(cluster_lines(state, width=60, height=20)[1])

    assert told.split()[0].endswith("…-17")
    assert "epoch 0" in told


@pytest.mark.parametrize("stable, shown", [(3, ["3"]), (9, [])])
def test_the_last_stable_offset_stands_behind_the_high_watermark_while_a_transaction_is_undecided(
    stable: int, shown: list[str]
) -> None:
    watched = run_of("two_applications")
    state = watched.film.state_at(event_of(watched, "BrokerCrashed") + 3)
    leader = state.partitions[ORDERS_0].leader
    high_watermark = state.replica(ORDERS_0, leader).high_watermark
    take(state, LastStableOffsetMoved(state.now_us, leader, *ORDERS_0, stable, 9))

    told = text_of(cluster_lines(state, width=120, height=20)[2])

    assert re.findall(rf" hw {high_watermark} LSO (\d+)", told) == shown
