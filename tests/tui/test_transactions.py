"""Transactions on a screen: each at its producer, at its coordinator and in the logs, at any moment and at every width people have."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from producer.records import TopicPartition
from sim.cluster.cluster import Cluster
from sim.judges.report import Report
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.tui.app import AcklabApp
from sim.tui.lines import text_of, width_of
from sim.tui.offers import offers
from sim.tui.panels.cluster import cluster_height, cluster_lines
from sim.tui.panels.producer import producer_lines
from sim.tui.panels.transactions import transaction_lines, transactions_height
from sim.tui.plain import plain_lines
from sim.tui.screens.watch import WatchScreen
from sim.tui.session import Watched
from sim.tui.view_model import State, take
from sim.tui.view_model.state import NO_REPLICA
from tests.tui.runs import LOST, event_of, frame, press, run_of, use

LATE = "delayed_end_txn"
HANGING = "hanging_transaction_pins_lso"
GROUP = "rebalance_with_group_metadata"
PREPARED = "flink_two_phase_commit"
ZOMBIE = "zombie_fenced"
STORIES = (LATE, HANGING, GROUP, PREPARED)
WIDTHS = (59, 60, 80, 99, 120, 200)
"""Those of terminals, and half of 120 and of 200, which the cluster has there."""
ORDERS_0 = TopicPartition("orders", 0)
_OFFSETS = re.compile(r"(?:end )?(\d+)(?:/| hw )(\d+)(?:(?:/| LSO )(\d+))?")


def told(watched: Watched, index: int, *, width: int = 120, height: int = 20) -> list[str]:
    return [
        text_of(one).rstrip() for one in transaction_lines(watched.film.state_at(index), width=width, height=height)
    ]


def moments(watched: Watched) -> range:
    """Some of all moments from the first on at which somebody has a transactional id."""
    return range(event_of(watched, "ProducerTransactionMoved"), len(watched.events), 29)


def moved_to(watched: Watched, state: str, nth: int = 1) -> int:
    """Where a coordinator has a transactional id in that state for the nth time."""
    events = enumerate(watched.events)
    return [place for place, one in events if type(one).__name__ == "TransactionMoved" and one.state == state][nth - 1]


# -- the state after an event ------------------------------------------------------------------------------------------


def test_a_transaction_has_its_state_at_both_sides_its_epoch_and_its_partitions() -> None:
    watched = run_of(LATE)

    known = watched.film.state_at(moved_to(watched, "PrepareCommit")).transactions

    (producer,), coordinator = known.clients_of("shop"), known.ids["shop"]
    assert (producer.state, producer.number, producer.is_v2) == ("committing transaction", 1, False)
    assert (coordinator.state, coordinator.producer_id, coordinator.producer_epoch) == ("PrepareCommit", 0, 0)
    assert coordinator.partitions == ("orders-0", "orders-1")


def test_the_late_commit_is_decided_while_the_producer_has_asked_for_none() -> None:
    """What the story is about, in one moment: the second transaction is open at its producer, and its coordinator commits it."""
    watched = run_of(LATE)

    known = watched.film.state_at(moved_to(watched, "PrepareCommit", 2)).transactions

    assert (known.producers["shop"].state, known.producers["shop"].number) == ("in transaction", 2)
    assert (known.ids["shop"].state, known.ids["shop"].partitions) == ("PrepareCommit", ("orders-0",))


@pytest.mark.parametrize("name", [LATE, GROUP, PREPARED])
@given(data=st.data())
def test_the_state_of_then_is_what_the_events_up_to_there_make_of_it(name: str, data: st.DataObject) -> None:
    film = run_of(name).film

    for index in data.draw(st.lists(st.integers(0, len(film) - 1), min_size=1, max_size=3)):
        state = State(delivery_timeouts_us=film.state_at(-1).delivery_timeouts_us)
        for event in film.events[: index + 1]:
            take(state, event)
        assert film.state_at(index).transactions == state.transactions


def test_a_marker_is_asked_for_then_written() -> None:
    watched = run_of(LATE)
    asked, answered = event_of(watched, "MarkersSent", 2), event_of(watched, "MarkerAnswered")

    assert told(watched, asked)[2].split("  ")[-2:] == [
        "orders-0 end 1 hw 1 LSO 0 » marker",
        "orders-1 end 1 hw 1 LSO 0 » marker",
    ]
    assert "orders-0 end 2 hw 2 LSO 2 ✓ marker  orders-1 end 1 hw 1 LSO 0 » marker" in told(watched, answered)[2]


def test_what_no_coordinator_will_end_hangs() -> None:
    watched = run_of(HANGING)
    held = event_of(watched, "LastStableOffsetMoved", 7)

    state = watched.film.state_at(held)

    assert state.transactions.hanging("shop") == [ORDERS_0]
    assert state.replica(ORDERS_0, 1).last_stable_offset == 8
    assert told(watched, held)[1:] == [
        "shop          » ready, 2 aborted, id 1 epoch 1, V1                      ◆ b1: Empty, id 1 epoch 1",
        "              ! orders-0 end 9 hw 9 LSO 8 hangs: nobody will end it",
    ]


@pytest.mark.parametrize("name", [f"{HANGING}+transaction_version=2", LATE, GROUP, PREPARED])
def test_nothing_hangs_where_each_log_s_transactions_are_their_coordinator_s(name: str) -> None:
    """At no moment, and so not between a marker and the coordinator's hearing of it either."""
    watched = run_of(name)

    for index in range(len(watched.events)):
        known = watched.film.state_at(index).transactions
        assert not [one for one in known.names if known.hanging(one)]


def test_the_fenced_and_its_successor_stand_side_by_side() -> None:
    watched = run_of(ZOMBIE)
    refused, over = event_of(watched, "TransactionRefused"), event_of(watched, "TransactionEnded", 9)

    shown = told(watched, refused)
    left, right = "» billing: committing transaction 5, id 0 epoch 4, V2", "◆ b1: CompleteAbort, id 0 epoch 5"
    assert shown[1] == f"{'billing':<14}{left:<58}{right}"
    assert [one.strip() for one in shown[2:]] == [
        "» billing.2: initializing",
        "refused AddPartitionsToTxn of epoch 4: PRODUCER_FENCED",
    ]
    assert watched.events[over].outcome == "fenced"
    assert "billing: fatal error, 6 fenced: PRODUCER_FENCED" in told(watched, over)[1]


def test_a_prepared_transaction_is_kept_for_its_successor_at_the_next_coordinator() -> None:
    watched = run_of(PREPARED)
    killed, kept = event_of(watched, "ApplicationKilled"), event_of(watched, "TransactionKept")

    dead, heir = told(watched, killed)[1], told(watched, kept)[1]

    assert "✗ prepared transaction 2, id 1000 epoch 1" in dead
    assert "◆ b1: Ongoing, id 1000 epoch 1" in dead
    assert "job.2: initializing" in heir
    assert "◆ b2: Ongoing e1 for e2" in heir or "◆ b2: Ongoing, id 1000 epoch 1, kept for epoch 2" in heir


# -- offsets are those of the disks ------------------------------------------------------------------------------------


def played(name: str, events_max: int) -> tuple[Report, dict[tuple[str, int, int], tuple[int, int, int]]]:
    """Play a story for so many of the world's events: its trace up to there, and end, high watermark and LSO of each living log."""
    found: dict[tuple[str, int, int], tuple[int, int, int]] = {}

    def look(cluster: Cluster) -> None:
        for broker in cluster.brokers.values():
            for tp, partition in ({} if broker.process is None else broker.process.partitions).items():
                log = partition.log
                found[(*tp, broker.broker_id)] = log.end_offset, log.high_watermark, log.last_stable_offset

    return run(load(name), 0, events_max=events_max, at_end=look), found


@pytest.mark.parametrize("name", [LATE, HANGING, GROUP, PREPARED, ZOMBIE, "coordinator_fails_over"])
@pytest.mark.parametrize("events_max", [1_500, 4_000, 5_000_000])
def test_what_is_shown_of_a_log_is_what_its_broker_has(name: str, events_max: int) -> None:
    report, logs = played(name, events_max)
    state = State()
    for event in report.trace.events:
        take(state, event)

    shown = {key: state.replicas.get(key, NO_REPLICA) for key in logs}

    assert logs
    assert {key: (one.log_end, one.high_watermark, one.last_stable_offset) for key, one in shown.items()} == logs


# -- the panels, at every width ----------------------------------------------------------------------------------------


def offsets_in(text: str) -> list[tuple[int, ...]]:
    """End, high watermark and, where it is told, last stable offset of each log in a line."""
    return [tuple(int(number) for number in found if number) for found in _OFFSETS.findall(text)]


def offsets_of(state: State, where: TopicPartition) -> list[tuple[int, ...]]:
    """The same of each broker's log of a partition, as the state has it."""
    logs = [state.replica(where, broker) for broker in sorted(state.brokers)]
    return [
        (one.log_end, one.high_watermark, *((one.last_stable_offset,) if one.is_undecided else ()))
        for broker, one in zip(sorted(state.brokers), logs, strict=True)
        if broker in state.partitions[where].replicas or one.log_end
    ]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("has_room", [True, False])
def test_the_cluster_tells_end_high_watermark_and_lso_of_every_log(name: str, width: int, has_room: bool) -> None:
    watched = run_of(name)
    film = watched.film

    for index in moments(watched):
        state = film.state_at(index)
        partitions = sorted(state.partitions, key=lambda where: (where.topic.startswith("__"), where))
        height = cluster_height(state) if has_room else 1 + len(partitions)
        lines = cluster_lines(state, width=width, height=height)

        assert max(map(width_of, lines)) <= width
        told_of = [text_of(one) for one in lines[1:]][(1 if has_room else 0) :: (2 if has_room else 1)]
        for where, text in zip(partitions, told_of, strict=True):
            assert offsets_in(text) == offsets_of(state, where)
            assert "…" not in text.partition(f"-{where.partition} ")[2]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", [*STORIES, ZOMBIE])
def test_the_transactions_fit_and_tell_state_and_epoch_of_both_sides(name: str, width: int) -> None:
    """In all the lines that there are for them, and in one for each."""
    watched = run_of(name)
    film = watched.film
    end = film.state_at(len(film) - 1)

    for room in (20, 1 + len(end.transactions.names)):
        height = transactions_height(end, width=width, room=room)
        for index in moments(watched):
            state = film.state_at(index)
            lines = [text_of(one) for one in transaction_lines(state, width=width, height=height)]
            text = "\n".join(lines)

            assert len(lines) <= height
            assert max(map(len, lines)) <= width
            assert "…" not in text
            for one in state.transactions.ids.values():
                assert re.search(rf"◆ b\d: {one.state}(, id \d+ epoch| e){{1}} ?{one.producer_epoch}\b", text)


@pytest.mark.parametrize("width", WIDTHS)
def test_offsets_of_what_is_in_a_transaction_are_its_leader_s(width: int) -> None:
    watched = run_of(LATE)

    for index in range(moved_to(watched, "Ongoing"), len(watched.film)):
        state = watched.film.state_at(index)
        shown = " ".join(told(watched, index, width=width))
        for where, end, watermark, stable in re.findall(
            r"(orders-\d) (?:end )?(\d+)(?:/| hw )(\d+)(?:/| LSO )(\d+)", shown
        ):
            replica = state.replica(TopicPartition("orders", int(where[-1])), 1 if where[-1] == "0" else 2)
            assert (int(end), int(watermark), int(stable)) == (
                replica.log_end,
                replica.high_watermark,
                replica.last_stable_offset,
            )


def test_a_long_transactional_id_is_cut_and_nothing_of_what_is_said_of_it() -> None:
    state = run_of(LATE).film.state_at(moved_to(run_of(LATE), "PrepareCommit")).copy()
    known, name = state.transactions, "application-of-the-northern-region-17"
    known.ids[name] = known.ids["shop"]._replace(transactional_id=name)
    known.producers["shop"] = known.producers["shop"]._replace(transactional_id=name)
    del known.ids["shop"]

    brief, whole = (transaction_lines(state, width=60, height=height) for height in (2, 20))

    assert text_of(brief[1]) == "applic…ion-17 » committing 1 e0  ◆ b1: PrepareCommit e0"
    assert text_of(whole[1]).startswith("application-…rn-region-17 ")
    assert text_of(whole[2]).strip() == "◆ b1: PrepareCommit, id 0 epoch 0"


def test_where_there_is_no_room_for_all_the_rest_is_counted() -> None:
    watched = run_of(GROUP)
    index = event_of(watched, "ApplicationPaused")

    assert told(watched, index, width=60, height=2)[1:] == ["and 2 more"]
    assert [one.split()[0] for one in told(watched, index, width=60, height=3)] == [
        "TRANSACTIONS",
        "billing-a",
        "billing-b",
    ]


# -- the screen --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(60, 24), (80, 24), (120, 40), (200, 50)])
@pytest.mark.parametrize("name", [LATE, PREPARED])
def test_the_panel_stands_on_the_screen_and_shows_the_state_of_then(name: str, size: tuple[int, int]) -> None:
    watched = run_of(name)
    decided = moved_to(watched, "PrepareCommit")

    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[str]:
        assert isinstance(app.screen, WatchScreen)
        frames = []
        app.screen.playhead.seek(decided)
        for key in ("right", "left", "left"):
            await press(pilot, key)
            frames.append(frame(app))
        return frames

    forward, at, before = use(watched, act, size=size)
    for shown in (forward, at, before):
        assert "TRANSACTIONS" in shown
        assert "VERDICTS" in shown
    assert "◆ b1: PrepareCommit" in at
    assert "◆ b1: Ongoing" in before
    assert "PrepareCommit" not in before.partition("EVENTS")[0].partition("▶")[0]


def test_a_story_without_transactions_has_no_such_panel() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[bool, str]:
        return app.screen.query_one("#transactions").display, frame(app)

    is_shown, shown = use(run_of(LOST), act)
    assert not is_shown
    assert "TRANSACTIONS" not in shown
    assert transactions_height(run_of(LOST).film.state_at(200), width=80, room=20) == 0


def test_the_plain_text_has_them() -> None:
    watched = run_of(HANGING)

    text = list(plain_lines(watched, index=event_of(watched, "LastStableOffsetMoved", 7)))

    assert "              ! orders-0 end 9 hw 9 LSO 8 hangs: nobody will end it" in text


# -- who processes is an application -----------------------------------------------------------------------------------


def test_who_processes_is_no_raw_client_and_can_be_struck() -> None:
    watched = run_of(GROUP)
    index = event_of(watched, "ApplicationPaused")
    state = watched.film.state_at(index)

    shown = [text_of(one) for one in producer_lines(state, begun_us=watched.film.begun_us, width=160, height=20)]

    assert shown[0].startswith("PRODUCERS     billing-a ‖ stands still, id 1001 epoch 2  12 of 12 acknowledged")
    assert "b2147483646" not in "".join(shown)
    assert "kill billing-b" in offers(state, "kill")
