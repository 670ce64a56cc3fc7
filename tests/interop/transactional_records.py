"""Stagings of what is to be in a transaction, and is refused: records, and a group's offsets; the first line of each says what happens."""

from __future__ import annotations

from tests.interop.transactional_stage import EXPIRES_MS, SHORT_MS, TransactionalStage

OVER_REQUEST_BYTES = 1_100_000
"""Over max.request.size: the producer refuses it by itself."""
OVER_TOPIC_BYTES = 12_000
"""Over the topic's max.message.bytes: its leader refuses it."""


def a_record_over_max_request_size(stage: TransactionalStage) -> None:
    """a record too large for max.request.size; then each call"""
    one = stage.open_with_a()
    one.send("large", value_bytes=OVER_REQUEST_BYTES)
    one.send("b")
    one.offsets(1)
    one.commit()
    one.begin()
    one.abort()
    one.begin()
    one.send("c")
    one.commit()
    stage.reads("c")


def a_record_over_the_topic_s_limit(stage: TransactionalStage) -> None:
    """a record too large for the topic; then each call"""
    one = stage.open_with_a()
    one.send("large", value_bytes=OVER_TOPIC_BYTES)
    one.flush()
    one.send("b")
    one.offsets(1)
    one.commit()
    one.begin()
    one.abort()
    one.begin()
    one.send("c")
    one.commit()
    stage.reads("c")


def a_record_over_the_topic_s_limit_found_by_commit(stage: TransactionalStage) -> None:
    """a record too large for the topic, which commit finds"""
    one = stage.open_with_a()
    one.send("large", value_bytes=OVER_TOPIC_BYTES)
    one.commit()
    one.commit()
    one.abort()
    one.begin()
    one.send("c")
    one.commit()
    stage.reads("c")


def a_topic_that_is_not_there(stage: TransactionalStage) -> None:
    """a record for a topic that does not come within max.block.ms, then one for a name that no topic can have; an abort after each"""
    one = stage.open_with_a(max_block_ms=SHORT_MS)
    one.send("nowhere", topic="not-there")
    one.commit()
    one.abort(again=True)
    one.begin()
    one.send("never", topic="no such name")
    one.commit()
    one.abort(again=True)
    one.begin()
    one.send("c")
    one.commit(again=True)
    stage.reads("c")


def a_record_that_expires(stage: TransactionalStage) -> None:
    """the broker stands still for longer than delivery.timeout.ms"""
    one = stage.open_with_a(delivery_timeout_ms=EXPIRES_MS, request_timeout_ms=EXPIRES_MS - 100, linger_ms=0)
    with stage.paused():
        one.send("b")
        one.flush()
    one.commit()
    one.abort()
    one.begin()
    one.send("c")
    one.commit()
    stage.reads("c")


def offsets_committed(stage: TransactionalStage) -> None:
    """a member's offsets, with a commit and with an abort"""
    stage.join()
    one = stage.open_with_a()
    one.offsets(1)
    one.commit()
    one.begin()
    one.send("b")
    one.flush()
    one.offsets(2)
    one.abort()
    stage.reads("a")
    stage.positions(1)


def stale_generation(stage: TransactionalStage) -> None:
    """a member's offsets with a generation that is over; then each call"""
    stage.join()
    one = stage.open_with_a()
    one.offsets(1, generation_id=0)
    one.offsets(1)
    one.send("b")
    one.commit()
    one.abort()
    one.begin()
    one.offsets(1, member_id="nobody")
    one.abort()
    one.begin()
    one.offsets(1)
    one.send("c")
    one.commit()
    stage.reads("c")
    stage.positions(1)
