"""Who exceeds a quota is answered at once and read later, to the microsecond; who does not is served as ever."""

from typing import Any

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages import create_partitions, create_topics, delete_topics, fetch, metadata
from sim.trace.events import ClientThrottled, RequestReceived
from sim.world.units import MILLISECOND_US, SECOND_US
from tests.unit.sim.raw_client import ORDERS, Lab, RawConnection, send_batch

VALUE = bytes(10_000)


def lab_with(*quotas: str, **config: Any) -> Lab:
    return Lab(quotas=quotas, **config)


def throttlings(lab: Lab) -> list[ClientThrottled]:
    return [event for event in lab.trace if isinstance(event, ClientThrottled)]


def leader(lab: Lab) -> RawConnection:
    return lab.client.connect(lab.cluster.leader_of(ORDERS))


def test_a_producer_over_its_rate_is_answered_at_once_and_read_when_the_time_is_over() -> None:
    lab = lab_with("client-id=raw producer_byte_rate=500")
    connection = leader(lab)
    began_us = lab.world.now_us

    answer = connection.wait(send_batch(connection, VALUE))

    (event,) = throttlings(lab)
    assert lab.world.now_us - began_us < 10 * MILLISECOND_US
    # Some 10,000 bytes over ten windows are twice as much as 500 a second: as long again.
    assert 10_000 < answer.throttle_time_ms < 11_000
    assert event.throttle_us == answer.throttle_time_ms * MILLISECOND_US
    assert (event.quota, event.client_id, event.user) == ("produce", "raw", "ANONYMOUS")

    connection.wait(send_batch(connection, b"later"))

    received = [one for one in lab.trace if isinstance(one, RequestReceived) and one.api == "Produce"]
    assert received[1].at_us == event.at_us + event.throttle_us


def test_another_connection_of_the_client_is_read_and_counted() -> None:
    lab = lab_with("client-id=raw producer_byte_rate=500")
    first, second = leader(lab), leader(lab)
    first.wait(send_batch(first, VALUE))

    answer = second.wait(send_batch(second, b"small"), within_us=SECOND_US)

    assert answer.throttle_time_ms > 10_000


def test_another_client_is_not_held_back() -> None:
    lab = lab_with("client-id=noisy producer_byte_rate=500")
    connection = leader(lab)

    assert connection.wait(send_batch(connection, VALUE)).throttle_time_ms == 0
    assert not throttlings(lab)


def test_each_broker_counts_for_itself() -> None:
    lab = lab_with("client-id=raw producer_byte_rate=500")
    first = leader(lab)
    first.wait(send_batch(first, VALUE))

    lab.cluster.move_leader(ORDERS, lab.cluster.followers_of(ORDERS)[0])
    lab.run(1)

    second = leader(lab)
    assert second.wait(send_batch(second, b"small")).throttle_time_ms == 0


def test_a_broker_that_starts_again_has_counted_nothing() -> None:
    lab = lab_with("client-id=raw producer_byte_rate=50", quota_window_num=100)
    first = leader(lab)
    first.wait(send_batch(first, VALUE))
    leading = lab.cluster.leader_of(ORDERS)
    lab.run(20)
    kept = leader(lab)
    assert kept.wait(send_batch(kept, b"small")).throttle_time_ms > 0

    lab.cluster.crash(leading)
    lab.cluster.restart(leading)
    assert lab.settle()
    lab.cluster.move_leader(ORDERS, leading)
    lab.run(1)

    again = leader(lab)
    assert again.wait(send_batch(again, b"small")).throttle_time_ms == 0


def test_without_acks_bytes_are_counted_time_is_not_and_nothing_is_answered() -> None:
    lab = lab_with("client-id=raw producer_byte_rate=500", "client-id=raw request_percentage=0.000001")
    connection = leader(lab)

    send_batch(connection, VALUE, acks=0)
    lab.run(1)

    (event,) = throttlings(lab)
    assert event.quota == "produce"
    send_batch(connection, b"later", acks=0)
    lab.run(1)
    assert [one.api for one in lab.trace if isinstance(one, RequestReceived)].count("Produce") == 1

    unlimited = lab_with("client-id=raw request_percentage=0.000001")
    connection = leader(unlimited)
    send_batch(connection, VALUE, acks=0)
    unlimited.run(1)
    assert not throttlings(unlimited)


def test_time_on_a_broker_is_limited_for_every_api_and_by_one_window_at_a_time() -> None:
    lab = lab_with("user=<default> request_percentage=0.0005")
    connection = lab.client.connect(1)

    answer = connection.call(ApiKey.METADATA, metadata.MetadataRequest(topics=None), 12)

    # 100 us in ten seconds are 0.001 percent: twice as much, and ten seconds to wait, of which one is kept.
    assert answer.throttle_time_ms == 1_000
    assert [event.quota for event in throttlings(lab)] == ["request"]
    began_us = lab.world.now_us
    connection.call(ApiKey.METADATA, metadata.MetadataRequest(topics=None), 12)
    assert SECOND_US - 10 * MILLISECOND_US < lab.world.now_us - began_us < SECOND_US + 10 * MILLISECOND_US


def test_a_slow_disk_is_time_of_the_producer_that_waits_for_it() -> None:
    lab = lab_with("client-id=raw request_percentage=1")
    leading = lab.cluster.leader_of(ORDERS)
    lab.cluster.brokers[leading].disk.set_slowness(lab.world.now_us, 10_000)
    connection = leader(lab)

    answer = connection.wait(send_batch(connection, b"slow", acks=1))

    # 0.2 s in ten seconds are 2 percent.
    assert answer.throttle_time_ms == 1_000


def read(connection: RawConnection, session: tuple[int, int] = (0, -1), *, max_bytes: int = 1 << 20) -> Any:
    partition = fetch.FetchPartition(0, fetch_offset=0, partition_max_bytes=1 << 20)
    wanted = fetch.FetchRequest(
        max_wait_ms=0,
        min_bytes=1,
        max_bytes=max_bytes,
        session_id=session[0],
        session_epoch=session[1],
        topics=(fetch.FetchTopic("orders", partitions=(partition,)),),
    )
    return connection.call(ApiKey.FETCH, wanted, 12)


def test_a_reader_over_its_rate_is_given_nothing_and_everything_when_the_time_is_over() -> None:
    lab = lab_with("client-id=raw consumer_byte_rate=2000")
    lab.client.produce(VALUE)
    lab.run(1)
    connection = leader(lab)

    first, second = read(connection), read(connection)
    waited_from_us = lab.world.now_us
    third = read(connection)

    assert first.responses[0].partitions[0].records
    assert first.throttle_time_ms == 0
    assert (second.responses, second.error_code, second.session_id) == ((), 0, 0)
    (event, *_) = throttlings(lab)
    assert event.quota == "fetch"
    assert 0 < second.throttle_time_ms < 1_000
    assert lab.world.now_us - waited_from_us > second.throttle_time_ms * MILLISECOND_US
    assert third.responses == () or third.responses[0].partitions[0].records


def test_no_more_is_read_at_once_than_ten_windows_allow() -> None:
    lab = lab_with("client-id=raw consumer_byte_rate=1050")
    for _ in range(3):
        lab.client.produce(VALUE)
    lab.run(1)

    connection = leader(lab)
    first, second = read(connection), read(connection)

    # What is around the records makes it a little too much at first, and a little later it is not.
    assert 0 < first.throttle_time_ms < 100
    assert second.throttle_time_ms == 0
    assert 10_000 < len(second.responses[0].partitions[0].records) <= 10_500


def test_a_session_goes_on_behind_an_answer_that_was_empty_for_a_quota() -> None:
    lab = lab_with("client-id=raw consumer_byte_rate=1500")
    lab.client.produce(VALUE)
    lab.run(1)
    connection = leader(lab)
    begun = read(connection, (0, 0))
    assert begun.session_id > 0

    throttled = read(connection, (begun.session_id, 1))
    lab.run(30)
    after = read(connection, (begun.session_id, 2))

    assert (throttled.responses, throttled.session_id) == ((), begun.session_id)
    assert throttled.throttle_time_ms > 0
    assert after.error_code == 0
    assert after.responses[0].partitions[0].records


def create(connection: RawConnection, *names: str, partitions: int, version: int = 7) -> Any:
    topics = tuple(create_topics.CreatableTopic(name, partitions, 1) for name in names)
    return connection.call(ApiKey.CREATE_TOPICS, create_topics.CreateTopicsRequest(topics), version)


def test_who_creates_too_much_is_refused_the_next_time_until_the_bucket_is_full_enough() -> None:
    lab = lab_with("user=ANONYMOUS controller_mutation_rate=1")
    connection = lab.client.connect(1)

    # The bucket holds 11, and may be overdrawn once.
    burst = create(connection, "a", "b", partitions=13)

    assert [topic.error_code for topic in burst.topics] == [0, Code.THROTTLING_QUOTA_EXCEEDED]
    assert burst.topics[1].error_message == "The throttling quota has been exceeded."
    assert burst.throttle_time_ms == 2_000
    (event,) = throttlings(lab)
    assert (event.quota, event.throttle_us) == ("controller mutation", 2 * SECOND_US)
    lab.run(2.1)
    assert create(connection, "b", partitions=1).topics[0].error_code == 0


def test_an_older_version_is_not_refused_and_made_to_wait() -> None:
    lab = lab_with("client-id=raw controller_mutation_rate=1")

    answer = create(lab.client.connect(1), "a", "b", partitions=13, version=5)

    assert [topic.error_code for topic in answer.topics] == [0, 0]
    assert answer.throttle_time_ms == 15_000


def test_partitions_that_are_added_and_deleted_count_as_those_that_are_created() -> None:
    lab = lab_with("client-id=raw controller_mutation_rate=1")
    connection = lab.client.connect(1)
    create(connection, "a", partitions=10)
    wanted = create_partitions.CreatePartitionsTopic("a", 13, assignments=None)

    added = connection.call(ApiKey.CREATE_PARTITIONS, create_partitions.CreatePartitionsRequest((wanted,), 30_000))
    deletion = delete_topics.DeleteTopicsRequest(topics=(delete_topics.DeleteTopicState("a"),), timeout_ms=30_000)
    deleted = connection.call(ApiKey.DELETE_TOPICS, deletion)

    assert added.results[0].error_code == 0
    assert deleted.responses[0].error_code == Code.THROTTLING_QUOTA_EXCEEDED
    lab.run(3)
    assert connection.call(ApiKey.DELETE_TOPICS, deletion).responses[0].error_code == 0


def test_where_nobody_has_a_quota_nobody_waits() -> None:
    lab = lab_with()
    connection = leader(lab)

    for _ in range(5):
        assert connection.wait(send_batch(connection, VALUE)).throttle_time_ms == 0

    assert not throttlings(lab)
