"""The view of bytes: the run made again gives every request and response as they were sent, and each is told field by field."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from producer.events import BatchSent
from producer.wire.api import ApiKey, decode_request_header, response_body
from producer.wire.codec import decode
from sim.trace.events import RequestReceived
from sim.tui.facts import view_facts
from sim.tui.lines import text_of, width_of
from sim.tui.playhead import Playhead
from sim.tui.views import view_named
from tests.tui.runs import LOST, event_of, run_of

STORIES = (LOST, "default_config_survives_leader_moves", "late_produce_after_abort", "field_removed_breaks_consumer")


@pytest.mark.parametrize("name", STORIES)
def test_every_request_of_the_trace_is_there_and_told_as_the_codec_decodes_it(name: str) -> None:
    watched = run_of(name)
    frames = watched.traffic.frames
    asked = {(one.client, one.connection, one.correlation_id) for one in frames if one.is_request}

    for event in watched.events:
        if type(event) is RequestReceived:
            assert (event.client, event.connection, event.correlation_id) in asked
    for one in frames:
        told, payload = one.fields, one.framed[4:]
        kind = "request" if one.is_request else "response"
        if one.is_request:
            body = payload[decode_request_header(payload)[1] :]
        else:
            body = response_body(one.api_key, one.version, payload)
        assert told.message == decode(ApiKey(one.api_key).message(kind), body, one.version)
        assert sum(field.size_bytes for field in told.fields) == len(one.framed)


@pytest.mark.parametrize("name", STORIES[:3])
def test_the_batches_are_those_of_the_trace_by_their_crc(name: str) -> None:
    watched = run_of(name)
    sent = [event for event in watched.events if type(event) is BatchSent]
    crcs = {
        field.value
        for one in watched.traffic.frames
        if one.is_request and one.api == "Produce"
        for field in one.fields.fields
        if field.name.endswith("].crc")
    }

    assert sent
    assert {event.crc for event in sent} <= crcs


def test_an_event_shows_its_own_request_and_its_own_answer() -> None:
    watched = run_of(LOST)
    playhead = Playhead(watched)
    playhead.seek(event_of(watched, "BatchSent", 4))
    asked = view_facts(playhead, view_named("bytes"))["facts"]
    playhead.seek(event_of(watched, "BatchAppended", 4))
    again = view_facts(playhead, view_named("bytes"))["facts"]
    playhead.seek(event_of(watched, "ResponseSent", 6))
    answer = view_facts(playhead, view_named("bytes"))["facts"]
    event = watched.events[playhead.index]

    assert asked["frame"] == again["frame"]
    assert (asked["frame"]["api"], asked["frame"]["is_request"]) == ("Produce", True)
    assert bytes.fromhex(asked["frame"]["hex"])[:6].hex() == "000000dd0000"
    assert asked["fields"][1] == {"offset": 4, "size_bytes": 2, "name": "api_key", "value": 0}
    assert (answer["frame"]["is_request"], answer["frame"]["correlation_id"]) == (False, event.correlation_id)
    assert json.dumps(answer)


@pytest.mark.parametrize("width", [72, 80, 100, 120, 160])
def test_no_byte_is_left_out_at_any_width(width: int) -> None:
    watched = run_of(LOST)
    playhead = Playhead(watched)
    playhead.seek(event_of(watched, "BatchSent", 4))
    (frame,) = [one for one in watched.traffic.frames if one.event == playhead.index + 1]

    rows = view_named("bytes").rows(playhead, width, 0)

    begin = next(place for place, row in enumerate(rows) if text_of(row.line).startswith("offset"))
    told = "".join(row.line[1].text for row in rows[begin + 1 :] if len(row.line) > 1)
    assert bytes.fromhex(told) == frame.framed
    assert max(width_of(row.line) for row in rows) <= width


def test_a_run_that_cannot_be_made_again_says_why_it_has_no_bytes() -> None:
    watched = replace(run_of(LOST), scenario=None)
    other = replace(run_of(LOST), seed=7)

    assert "without its scenario" in watched.traffic.how
    assert "is another one" in other.traffic.how
    assert not watched.traffic.frames
    assert not other.traffic.frames
    assert text_of(view_named("bytes").rows(Playhead(watched), 80, 0)[0].line).startswith("a trace holds no bytes")
