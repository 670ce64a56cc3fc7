"""The view of logs: what lies on each broker at any moment, who wrote it, and what was cut off."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producer.records import TopicPartition
from sim.tui.lines import Tone, text_of
from sim.tui.playhead import Playhead
from sim.tui.view_model.logs import NEVER, Logs
from sim.tui.views import view_named
from tests.tui.runs import LOST, event_of, run_of

ORDERS = TopicPartition("orders", 0)
UNCLEAN = "unclean_election_takes_back_what_was_read"
LATE = "late_produce_after_abort"
STORIES = (LOST, UNCLEAN, LATE, "default_config_survives_leader_moves", "encrypted_key_defeats_compaction")


def lines_at(name: str, index: int, *, width: int = 100) -> list[str]:
    playhead = Playhead(run_of(name))
    playhead.seek(index)
    return [text_of(row.line).rstrip() for row in view_named("logs").rows(playhead, width, 0)]


def test_a_truncation_is_seen_as_it_happens_and_leads_to_its_event() -> None:
    watched = run_of(LOST)
    cut = event_of(watched, "LogTruncated")
    playhead = Playhead(watched)
    playhead.seek(cut - 1)
    before = lines_at(LOST, cut - 1)
    playhead.seek(cut)

    rows = view_named("logs").rows(playhead, 100, 0)

    assert [line.split()[-3:] for line in before[-3:]] == [["□", "·", "·"]] * 3
    assert [text_of(row.line).split() for row in rows[-3:]] == [
        [*f"{offsets} e0 batch {batch} of producer-1 ✗ diverging epoch at #{cut} ✗ · ·".split()]
        for offsets, batch in (("15..19", 4), ("20..24", 5), ("25..29", 6))
    ]
    assert all(row.event == cut for row in rows[-3:])
    assert all(any(span.tone is Tone.BAD and "✗" in span.text for span in row.line) for row in rows[-3:])


def test_a_log_tells_ends_watermarks_and_who_wrote_each_batch() -> None:
    lines = lines_at(LOST, event_of(run_of(LOST), "BrokerCrashed"))

    assert lines[2] == "orders-0  ▲ b1, epoch 0  ISR 1,2,3 min 2"
    assert lines[3].split() == ["offsets", "epoch", "written", "by", "b1", "·e0", "b2", "◇e0", "b3", "◇e0"]
    assert lines[4].split() == ["log", "end", "LEO", "30", "15", "15"]
    assert lines[5].split() == ["high", "watermark", "HW", "15", "12", "12"]
    assert lines[8].split() == ["12..14", "e0", "batch", "3", "of", "producer-1", "■", "□", "□"]


def test_a_transaction_s_records_and_markers_are_told_as_they_are_decided() -> None:
    watched = run_of(LATE)
    committed, aborted = event_of(watched, "MarkerAppended"), event_of(watched, "MarkerAppended", 2)
    orders = [one for one in lines_at(LATE, committed - 2) if "batch 1 of shop" in one]
    ended = [one for one in lines_at(LATE, committed) if "batch 1 of shop" in one or "marker" in one]

    assert "T open" in orders[0]
    assert "C committed" in ended[0]
    assert "C COMMIT marker of producer id 0 epoch 0" in ended[1]
    assert any("A ABORT marker" in one for one in lines_at(LATE, aborted))


@pytest.mark.parametrize("name", STORIES)
@settings(max_examples=20)
@given(data=st.data())
def test_the_logs_of_then_are_what_the_events_up_to_there_make_of_them(name: str, data: st.DataObject) -> None:
    watched = run_of(name)
    index = data.draw(st.integers(0, len(watched.events) - 1))
    known = Logs(watched.events[: index + 1])
    state = watched.film.state_at(index)

    for where in state.partitions:
        held = state.transactions.in_logs.get(where, ())
        shown = watched.logs.at(where, index, last=50, held=held)
        assert shown == known.at(where, index, last=50, held=held)
        for broker in state.brokers:
            there = [one.written for one in shown if broker in one.on and one.on[broker].removed == NEVER]
            if there:
                assert there[-1].last_offset + 1 == state.replica(where, broker).log_end


@pytest.mark.parametrize("name", STORIES)
def test_what_is_not_cut_off_on_a_broker_follows_without_a_gap(name: str) -> None:
    watched = run_of(name)

    for index in range(0, len(watched.events), max(len(watched.events) // 25, 1)):
        state = watched.film.state_at(index)
        for where in state.partitions:
            for broker in state.brokers:
                shown = watched.logs.at(where, index, last=50)
                there = [one.written for one in shown if broker in one.on and one.on[broker].removed == NEVER]
                for one, following in itertools.pairwise(there):
                    assert one.last_offset < following.base_offset
                    assert one.leader_epoch <= following.leader_epoch
