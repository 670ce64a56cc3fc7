"""What consumers are told: Fetch up to the high watermark, ListOffsets, and producer ids in blocks."""

from typing import Any

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages import fetch, init_producer_id, list_offsets, offset_for_leader_epoch
from sim.cluster.broker import AnswerError, Rule
from sim.trace.events import HighWatermarkAdvanced
from sim.world.units import SECOND_US
from tests.unit.sim.raw_client import ORDERS, Lab, RawConnection, send_batch


def ask(connection: RawConnection, **how: Any) -> Any:
    request: dict[str, Any] = {name: how.pop(name) for name in ("max_wait_ms", "min_bytes", "max_bytes") if name in how}
    request = {"max_wait_ms": 500, "min_bytes": 1} | request
    partition = fetch.FetchPartition(0, **{"partition_max_bytes": 1 << 20} | how)
    wanted = fetch.FetchRequest(**request, topics=(fetch.FetchTopic("orders", partitions=(partition,)),))
    return connection.send(ApiKey.FETCH, wanted, 12)


def offsets(lab: Lab, timestamp_ms: int, **how: Any) -> Any:
    asked = list_offsets.ListOffsetsPartition(0, timestamp=timestamp_ms, **how)
    request = list_offsets.ListOffsetsRequest(-1, topics=(list_offsets.ListOffsetsTopic("orders", (asked,)),))
    return lab.client.connect(lab.cluster.leader_of(ORDERS)).call(ApiKey.LIST_OFFSETS, request).topics[0].partitions[0]


def test_a_fetch_waits_for_the_high_watermark_and_not_for_the_append() -> None:
    lab = Lab()
    reader, writer = lab.client.connect(1), lab.client.connect(1)
    waiting = ask(reader, max_wait_ms=5_000)

    send_batch(writer, b"a")
    answer = reader.wait(waiting)

    advanced = lab.events(HighWatermarkAdvanced, broker=1)[0]
    assert 0 < reader.answered_us[waiting] - advanced.at_us < 1_000
    assert answer.responses[0].partitions[0].high_watermark == 1


def test_a_fetch_that_finds_nothing_is_answered_when_its_wait_is_over() -> None:
    lab = Lab()
    reader = lab.client.connect(1)
    began_us = lab.world.now_us

    waiting = ask(reader, max_wait_ms=700)
    answer = reader.wait(waiting)

    assert 700_000 <= reader.answered_us[waiting] - began_us < 702_000
    assert answer.responses[0].partitions[0].records == b""


def test_a_fetch_waits_for_as_many_bytes_as_it_wants() -> None:
    lab = Lab()
    reader = lab.client.connect(1)
    waiting = ask(reader, max_wait_ms=60_000, min_bytes=150)

    lab.client.produce(b"a")
    lab.run(1)
    assert waiting not in reader.answers
    lab.client.produce(b"b")
    answer = reader.wait(waiting)

    assert answer.responses[0].partitions[0].high_watermark == 2


def test_a_batch_larger_than_the_limit_comes_whole_all_the_same() -> None:
    lab = Lab()
    lab.client.produce(b"a" * 5_000)
    lab.client.produce(b"b" * 5_000)
    reader = lab.client.connect(1)

    answer = reader.wait(ask(reader, max_bytes=10, partition_max_bytes=10))

    assert 5_000 < len(answer.responses[0].partitions[0].records) < 6_000


def test_offsets_outside_the_log_and_strange_epochs_are_refused() -> None:
    lab = Lab()
    lab.client.produce(b"a")
    reader, follower = lab.client.connect(1), lab.client.connect(2)

    def code(connection: RawConnection, **how: Any) -> int:
        error: int = connection.wait(ask(connection, **how)).responses[0].partitions[0].error_code
        return error

    assert code(reader, fetch_offset=2) == Code.OFFSET_OUT_OF_RANGE
    assert code(reader, fetch_offset=-1) == Code.OFFSET_OUT_OF_RANGE
    assert code(reader, current_leader_epoch=5) == Code.UNKNOWN_LEADER_EPOCH
    assert code(follower) == Code.NONE, "a consumer may read from a follower (KIP-392)"
    lab.cluster.move_leader(ORDERS, 2)
    lab.run(0.1)
    assert code(follower, current_leader_epoch=0) == Code.FENCED_LEADER_EPOCH


def test_a_waiting_fetch_hears_at_once_that_the_leader_changed() -> None:
    lab = Lab()
    reader = lab.client.connect(1)
    waiting = ask(reader, max_wait_ms=60_000, current_leader_epoch=0)
    lab.run(0.1)

    lab.cluster.move_leader(ORDERS, 2)
    answer = reader.wait(waiting, within_us=SECOND_US)

    assert answer.responses[0].partitions[0].error_code == Code.FENCED_LEADER_EPOCH
    assert answer.responses[0].partitions[0].current_leader == (-1, -1), "told since version 16 (KIP-951)"


def test_list_offsets_knows_the_ends_and_the_times() -> None:
    lab = Lab()
    for timestamp_ms in (100, 300, 200):
        lab.client.produce(b"a", b"b", timestamp_ms=timestamp_ms)

    assert offsets(lab, list_offsets.EARLIEST).offset == 0
    assert offsets(lab, list_offsets.LATEST).offset == 6
    assert offsets(lab, 101).offset == 2
    assert offsets(lab, 301).offset == -1
    assert (offsets(lab, -3).offset, offsets(lab, -3).timestamp) == (2, 300)


def test_the_latest_offset_is_the_high_watermark() -> None:
    lab = Lab()
    lab.client.produce(b"a")
    lab.cluster.pause(2)
    lab.cluster.pause(3)

    lab.client.produce(b"b", acks=1)

    assert offsets(lab, list_offsets.LATEST).offset == 1


def test_producer_ids_come_in_blocks_of_a_broker() -> None:
    lab = Lab(producer_id_block=10)

    def take(broker: int) -> int:
        connection = lab.client.connect(broker)
        while True:
            answer = connection.call(ApiKey.INIT_PRODUCER_ID, init_producer_id.InitProducerIdRequest(None))
            if answer.error_code != Code.COORDINATOR_LOAD_IN_PROGRESS:
                assert (answer.error_code, answer.producer_epoch) == (Code.NONE, 0)
                producer_id: int = answer.producer_id
                return producer_id

    assert [take(1) for _ in range(3)] == [0, 1, 2]
    assert [take(2) for _ in range(2)] == [10, 11]
    assert [take(1) for _ in range(9)] == [3, 4, 5, 6, 7, 8, 9, 20, 21]


def test_the_first_request_for_a_producer_id_finds_the_block_on_its_way() -> None:
    lab = Lab()
    connection = lab.client.connect(1)

    answer = connection.call(ApiKey.INIT_PRODUCER_ID, init_producer_id.InitProducerIdRequest(None))

    assert answer.error_code == Code.COORDINATOR_LOAD_IN_PROGRESS


def test_rules_reach_reads_as_well() -> None:
    lab = Lab()
    lab.client.produce(b"a")
    lab.cluster.tamper(1, Rule(AnswerError(Code.KAFKA_STORAGE_ERROR), api=ApiKey.FETCH))
    lab.cluster.tamper(1, Rule(AnswerError(Code.KAFKA_STORAGE_ERROR), api=ApiKey.LIST_OFFSETS))
    reader = lab.client.connect(1)

    failed = reader.wait(ask(reader)).responses[0].partitions[0]

    assert failed.error_code == Code.KAFKA_STORAGE_ERROR
    assert offsets(lab, list_offsets.LATEST).error_code == Code.KAFKA_STORAGE_ERROR
    assert lab.client.read() == [b"a"]


def epoch_end(lab: Lab, epoch: int, *, broker: int, current: int = -1) -> Any:
    asked = offset_for_leader_epoch.OffsetForLeaderPartition(0, current, epoch)
    topics = (offset_for_leader_epoch.OffsetForLeaderTopic("orders", (asked,)),)
    request = offset_for_leader_epoch.OffsetForLeaderEpochRequest(-1, topics)
    return lab.client.connect(broker).call(ApiKey.OFFSET_FOR_LEADER_EPOCH, request).topics[0].partitions[0]


def test_the_end_of_the_present_epoch_is_the_end_of_the_log() -> None:
    lab = Lab()
    leader = lab.cluster.leader_of(ORDERS)
    send_batch(lab.client.connect(leader), b"a", b"b")

    end = epoch_end(lab, 0, broker=leader)

    assert (end.error_code, end.leader_epoch, end.end_offset) == (0, 0, 2)


def test_an_epoch_that_the_log_never_came_to_has_no_end() -> None:
    lab = Lab()

    end = epoch_end(lab, 7, broker=lab.cluster.leader_of(ORDERS))

    assert (end.error_code, end.leader_epoch, end.end_offset) == (0, -1, -1)


def test_epochs_ends_are_the_leader_s_to_tell_and_to_who_believes_in_its_epoch() -> None:
    lab = Lab()
    leader = lab.cluster.leader_of(ORDERS)

    assert epoch_end(lab, 0, broker=leader % 3 + 1).error_code == Code.NOT_LEADER_OR_FOLLOWER
    assert epoch_end(lab, 0, broker=leader, current=1).error_code == Code.UNKNOWN_LEADER_EPOCH
