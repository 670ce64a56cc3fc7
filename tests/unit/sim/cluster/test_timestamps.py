"""Timestamps that a topic does not take: message.timestamp.after.max.ms, message.timestamp.before.max.ms (KIP-937)."""

import pytest

from producer.errors import Code
from producer.wire.messages.produce import ProducePartitionResponse
from producer.wire.record_batch import LOG_APPEND_TIME, encode_batch, stamp_log_append_time
from sim.cluster.config import EPOCH_US
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import BatchAppended
from tests.unit.sim.raw_client import Lab

HOUR_MS = 3_600_000


def produced(topic: TopicConfig, *ahead_ms: int) -> ProducePartitionResponse:
    """Produce one batch whose records are that far ahead of the leader's clock when it arrives, or a moment later."""
    lab = Lab(topic)
    now_ms = (EPOCH_US + lab.world.now_us) // 1_000
    return lab.client.produce(records=encode_batch([(None, b"v", (), now_ms + ahead) for ahead in ahead_ms]))


@pytest.mark.parametrize("ahead_ms, code", [(HOUR_MS, Code.NONE), (HOUR_MS + 1_000, Code.INVALID_TIMESTAMP)])
def test_by_default_a_record_may_be_an_hour_ahead_of_its_leaders_clock(ahead_ms: int, code: Code) -> None:
    assert produced(TopicConfig("orders"), ahead_ms).error_code == code


def test_by_default_a_record_may_be_as_old_as_it_likes() -> None:
    assert produced(TopicConfig("orders"), -20 * 365 * 24 * HOUR_MS).error_code == Code.NONE


def test_a_topic_may_refuse_what_is_too_old() -> None:
    topic = TopicConfig("orders", timestamp_before_max_ms=HOUR_MS)

    assert produced(topic, -HOUR_MS + 1_000).error_code == Code.NONE
    assert produced(topic, -HOUR_MS - 1_000).error_code == Code.INVALID_TIMESTAMP


def test_each_record_to_blame_is_named_and_none_of_the_batch_is_appended() -> None:
    lab = Lab(TopicConfig("orders", timestamp_before_max_ms=HOUR_MS))
    now_ms = (EPOCH_US + lab.world.now_us) // 1_000
    times_ms = (now_ms, now_ms + 2 * HOUR_MS, now_ms, now_ms - 2 * HOUR_MS)

    answer = lab.client.produce(records=encode_batch([(None, b"v", (), time_ms) for time_ms in times_ms]))

    assert answer.error_code == Code.INVALID_TIMESTAMP
    assert [error.batch_index for error in answer.record_errors] == [1, 3]
    assert answer.error_message
    assert (answer.base_offset, answer.log_start_offset) == (-1, 0)
    assert lab.events(BatchAppended) == []


def test_a_record_without_a_timestamp_is_taken() -> None:
    lab = Lab(TopicConfig("orders", timestamp_before_max_ms=HOUR_MS))

    assert lab.client.produce(b"v", timestamp_ms=-1).error_code == Code.NONE


def test_the_times_of_a_topic_under_log_append_time_are_the_leaders_and_no_limit_binds_them() -> None:
    topic = TopicConfig("orders", timestamp_type="LogAppendTime", timestamp_before_max_ms=0)

    assert produced(topic, 48 * HOUR_MS, -48 * HOUR_MS).error_code == Code.NONE


def test_a_producer_may_not_call_its_time_the_leaders() -> None:
    lab = Lab(TopicConfig("orders", timestamp_type="LogAppendTime"))
    records = stamp_log_append_time(encode_batch([(None, b"v", (), 1)] * 2), 5)

    answer = lab.client.produce(records=records)

    assert LOG_APPEND_TIME
    assert answer.error_code == Code.INVALID_TIMESTAMP
    assert [error.batch_index for error in answer.record_errors] == [0, 1]


def test_a_retry_is_refused_for_its_time_before_it_is_recognised() -> None:
    lab = Lab(TopicConfig("orders", timestamp_before_max_ms=HOUR_MS))
    sent_ms = (EPOCH_US + lab.world.now_us) // 1_000
    first = lab.client.produce(b"v", timestamp_ms=sent_ms, identity=(7, 0), sequence=0)
    lab.run(3_700)

    again = lab.client.produce(b"v", timestamp_ms=sent_ms, identity=(7, 0), sequence=0)

    assert (first.error_code, again.error_code) == (Code.NONE, Code.INVALID_TIMESTAMP)
