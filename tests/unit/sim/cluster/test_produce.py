"""What a leader appends and what it refuses, in Kafka's order (kafka.md 4.1, 4.6, 5.3 to 5.5)."""

import gc
from typing import Any

import pytest

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.record_batch import encode_batch, stamp_offsets
from sim.cluster.broker.handlers.produce_part import Part
from sim.cluster.config import EPOCH_US
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import BatchAppended, BatchDeduplicated, IsrChanged, LogFlushed
from tests.unit.sim.raw_client import ORDERS, Lab, part_of, send_batch

MISSING = TopicPartition("missing", 0)


@pytest.mark.parametrize(
    "how, code",
    [
        ({"tp": MISSING}, Code.UNKNOWN_TOPIC_OR_PARTITION),
        ({"tp": TopicPartition("orders", 9)}, Code.UNKNOWN_TOPIC_OR_PARTITION),
        ({"acks": 2}, Code.INVALID_REQUIRED_ACKS),
        ({"records": b""}, Code.INVALID_RECORD),
        ({"records": encode_batch([(None, b"a", (), 1)]) * 2}, Code.INVALID_RECORD),
        ({"records": encode_batch([(None, b"a", (), 1)])[:-1]}, Code.INVALID_RECORD),
        ({"records": encode_batch([(None, b"a", (), 1)])[:-1] + b"\x07"}, Code.CORRUPT_MESSAGE),
        ({"records": encode_batch([(None, b"a" * 2_000_000, (), 1)])}, Code.MESSAGE_TOO_LARGE),
    ],
)  # fmt: skip
def test_what_cannot_be_appended_is_refused_with_kafkas_code(how: dict[str, Any], code: Code) -> None:
    lab = Lab()
    connection = lab.client.connect(1)

    answer = part_of(connection.wait(send_batch(connection, b"a", **how)))

    assert answer.error_code == code
    assert answer.base_offset == -1
    assert lab.events(BatchAppended) == []


def test_a_follower_names_the_leader_and_where_it_listens_since_version_10() -> None:
    lab = Lab()
    follower = lab.client.connect(2)

    answer = follower.wait(send_batch(follower, b"a", version=10))
    old = follower.wait(send_batch(follower, b"a", version=9))

    assert part_of(answer).error_code == Code.NOT_LEADER_OR_FOLLOWER
    assert part_of(answer).current_leader == (1, 0)
    assert answer.node_endpoints == ((1, "b1", 9092, None),)
    assert part_of(old).current_leader == (-1, -1)


def test_below_min_isr_before_the_append_nothing_is_appended_and_no_producer_is_known() -> None:
    lab = Lab()
    lab.cluster.crash(2)
    lab.cluster.crash(3)
    lab.run(12)

    refused = lab.client.produce(b"a", identity=(7, 0), sequence=5)
    lab.cluster.restart(2)
    lab.run_to(IsrChanged, isr=(1, 2))
    lab.run(0.1)
    accepted = lab.client.produce(b"b", identity=(7, 0), sequence=9)

    assert refused.error_code == Code.NOT_ENOUGH_REPLICAS
    assert accepted.error_code == Code.NONE
    assert lab.client.read() == [b"b"]


def test_below_min_isr_acks_one_is_still_served_but_nothing_becomes_visible() -> None:
    lab = Lab()
    lab.cluster.crash(2)
    lab.cluster.crash(3)
    lab.run(12)

    answer = lab.client.produce(b"a", acks=1)

    assert answer.error_code == Code.NONE
    assert lab.client.read() == []


def test_an_isr_that_shrinks_after_the_append_leaves_the_produce_waiting_until_replicas_return() -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    lab.cluster.pause(2)
    lab.cluster.pause(3)
    correlation_id = send_batch(connection, b"a", timeout_ms=60_000)
    lab.run_to(IsrChanged, isr=(1,))
    lab.run(5)
    assert correlation_id not in connection.answers

    lab.cluster.resume(2)
    answer = part_of(connection.wait(correlation_id))

    assert (answer.error_code, answer.base_offset) == (Code.NONE, 0)


def test_an_isr_that_shrinks_after_the_append_ends_in_a_timeout_that_undoes_nothing() -> None:
    lab = Lab()
    lab.cluster.pause(2)
    lab.cluster.pause(3)

    answer = lab.client.produce(b"a", timeout_ms=20_000)
    lab.cluster.heal()
    lab.settle()

    assert answer.error_code == Code.REQUEST_TIMED_OUT
    assert lab.client.read() == [b"a"]


def test_before_kip_966_an_isr_that_shrinks_after_the_append_is_an_error_after_append() -> None:
    lab = Lab(eligible_leader_replicas=False)
    lab.cluster.pause(2)
    lab.cluster.pause(3)

    answer = lab.client.produce(b"a", timeout_ms=60_000)

    assert answer.error_code == Code.NOT_ENOUGH_REPLICAS_AFTER_APPEND
    assert lab.client.read() == [b"a"]


def test_the_retry_of_an_appended_batch_gets_not_enough_replicas_and_later_the_original_offset() -> None:
    lab = Lab()
    first = lab.client.produce(b"a", identity=(7, 0), sequence=0)
    lab.cluster.crash(2)
    lab.cluster.crash(3)
    lab.run(12)

    refused = lab.client.produce(b"a", identity=(7, 0), sequence=0)
    lab.cluster.heal()
    lab.settle()
    repeated = lab.client.produce(b"a", identity=(7, 0), sequence=0)

    assert refused.error_code == Code.NOT_ENOUGH_REPLICAS
    assert (repeated.error_code, repeated.base_offset) == (Code.NONE, first.base_offset)
    assert lab.client.read() == [b"a"]
    assert len(lab.events(BatchDeduplicated)) == 1


def test_without_idempotence_a_retry_is_appended_again() -> None:
    lab = Lab()

    lab.client.produce(b"a")
    lab.client.produce(b"a")

    assert lab.client.read() == [b"a", b"a"]


def test_an_unknown_producer_may_begin_anywhere_and_then_must_go_on_from_there() -> None:
    lab = Lab()

    def code(epoch: int, sequence: int) -> int:
        return lab.client.produce(b"a", identity=(7, epoch), sequence=sequence).error_code

    assert code(3, 42) == Code.NONE
    assert code(3, 0) == Code.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert code(3, 44) == Code.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert code(3, 43) == Code.NONE
    assert code(4, 44) == Code.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert code(2, 0) == Code.INVALID_PRODUCER_EPOCH
    assert code(4, 0) == Code.NONE
    assert code(3, 44) == Code.INVALID_PRODUCER_EPOCH


def test_only_the_last_five_batches_are_known_as_repeats() -> None:
    lab = Lab()
    for sequence in range(6):
        lab.client.produce(b"a", identity=(7, 0), sequence=sequence)

    remembered = lab.client.produce(b"a", identity=(7, 0), sequence=1)
    forgotten = lab.client.produce(b"a", identity=(7, 0), sequence=0)

    assert (remembered.error_code, remembered.base_offset) == (Code.NONE, 1)
    assert forgotten.error_code == Code.OUT_OF_ORDER_SEQUENCE_NUMBER


def test_sequences_wrap_from_the_largest_int_to_zero() -> None:
    lab = Lab()
    lab.client.produce(b"a", b"b", identity=(7, 0), sequence=2**31 - 2)

    straddling = lab.client.produce(b"c", identity=(7, 0), sequence=0)

    assert straddling.error_code == Code.NONE


def test_a_restarted_leader_still_knows_its_producers_from_the_log() -> None:
    lab = Lab()
    lab.client.produce(b"a", identity=(7, 0), sequence=0)
    lab.cluster.crash(1)
    lab.run(12)
    lab.cluster.restart(1)
    lab.settle()
    lab.cluster.move_leader(ORDERS, 1)
    lab.settle()

    repeated = lab.client.produce(b"a", identity=(7, 0), sequence=0)

    assert (repeated.error_code, repeated.base_offset) == (Code.NONE, 0)


def test_a_producer_that_wrote_nothing_for_a_day_is_forgotten() -> None:
    lab = Lab(producer_id_expiration_us=60_000_000, producer_id_expiration_check_us=10_000_000)
    lab.client.produce(b"a", identity=(7, 0), sequence=0)
    lab.run(80)

    answer = lab.client.produce(b"b", identity=(7, 0), sequence=17)

    assert answer.error_code == Code.NONE


def test_log_append_time_replaces_the_producers_timestamp_and_is_answered() -> None:
    lab = Lab(TopicConfig("orders", timestamp_type="LogAppendTime"))

    answer = lab.client.produce(b"a", timestamp_ms=77)

    assert answer.log_append_time_ms == (EPOCH_US + lab.events(BatchAppended)[0].at_us) // 1_000
    assert lab.client.read_records()[0].timestamp_ms == answer.log_append_time_ms


def test_the_log_keeps_the_producers_bytes_but_for_offset_and_epoch() -> None:
    lab = Lab()
    sent = encode_batch([(b"k", b"v", (("h", b"1"),), 5)])
    lab.client.produce(records=encode_batch([(None, b"first", (), 5)]))

    lab.client.produce(records=sent)

    for broker in lab.cluster.brokers.values():
        kept = broker.disk.directories[0].file("orders-0").entries[1].data
        assert kept == stamp_offsets(sent, base_offset=1, partition_leader_epoch=0)


def test_the_page_cache_is_written_back_after_a_while() -> None:
    lab = Lab()
    lab.client.produce(b"a")

    lab.run(35)

    assert [event.to_offset for event in lab.events(LogFlushed)] == [1, 1, 1]


def test_a_batch_that_was_there_already_is_told_with_the_newest_time_that_it_has_in_the_log() -> None:
    for time_type in ("CreateTime", "LogAppendTime"):
        lab = Lab(TopicConfig("orders", timestamp_type=time_type))
        connection = lab.client.connect(lab.cluster.leader_of(ORDERS))
        first = part_of(connection.wait(send_batch(connection, b"a", identity=(7, 0), sequence=0)))
        lab.run(2)

        again = part_of(connection.wait(send_batch(connection, b"a", identity=(7, 0), sequence=0)))

        (record,) = lab.client.read_records()
        assert (again.base_offset, again.log_append_time_ms) == (0, record.timestamp_ms)
        assert first.log_append_time_ms == (record.timestamp_ms if time_type == "LogAppendTime" else -1)


def test_nothing_of_a_request_that_was_answered_waits_for_the_collector() -> None:
    lab = Lab()
    connection = lab.client.connect(lab.cluster.leader_of(ORDERS))
    connection.wait(send_batch(connection, b"a"))
    gc.collect()
    gc.disable()
    try:
        answer = part_of(connection.wait(send_batch(connection, b"b")))
        lab.run(2)

        parts = [one for one in gc.get_objects() if type(one) is Part]
    finally:
        gc.enable()

    assert answer.base_offset == 1
    assert parts == []
