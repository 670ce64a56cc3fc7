"""What a broker does with bytes: whole frames, one at a time, in order, and what nonsense costs (kafka.md 5.1, 5.2)."""

import pytest

from producer.errors import Code
from producer.wire.api import SUPPORTED, ApiKey, encode_request
from producer.wire.codec import encode
from producer.wire.messages import api_versions, fetch, list_offsets, metadata
from producer.wire.messages.init_producer_id import InitProducerIdRequest
from producer.wire.record_batch import encode_batch
from sim.trace.events import BatchAppended, BrokerResumed, ProduceAnswered, RequestReceived, ResponseSent
from sim.world.units import SECOND_US
from tests.unit.sim.raw_client import ORDERS, Lab, part_of, send_batch


def test_the_next_request_is_not_processed_while_an_acks_all_produce_waits() -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    lab.cluster.pause(2)
    lab.cluster.pause(3)

    first = send_batch(connection, b"waits", timeout_ms=4_000)
    second = send_batch(connection, b"queued", acks=1)
    answer = connection.wait(second)

    assert part_of(connection.answers[first]).error_code == Code.REQUEST_TIMED_OUT
    assert part_of(answer).error_code == Code.NONE
    received = lab.events(RequestReceived, api="Produce")
    assert received[1].at_us >= lab.events(ProduceAnswered, correlation_id=first)[0].at_us


def test_another_connection_is_served_meanwhile() -> None:
    lab = Lab()
    waiting, other = lab.client.connect(1), lab.client.connect(1)
    lab.cluster.pause(2)
    lab.cluster.pause(3)

    correlation_id = send_batch(waiting, b"waits")
    answer = other.call(ApiKey.METADATA, metadata.MetadataRequest(None))

    assert answer is not None
    assert correlation_id not in waiting.answers


def test_a_request_that_arrived_is_processed_although_its_client_closed_during_a_pause() -> None:
    for is_reset in (False, True):
        lab = Lab()
        connection = lab.client.connect(1)
        lab.cluster.pause(1)
        send_batch(connection, b"orphan")
        lab.run(0.01)
        if is_reset:
            connection.endpoint.reset()
        else:
            connection.endpoint.close()
        lab.run(0.01)

        lab.cluster.resume(1)
        lab.settle()

        assert lab.client.read() == [b"orphan"]
        assert lab.events(ResponseSent, api="Produce") == []


def test_after_a_pause_the_old_connection_is_served_before_a_newer_one() -> None:
    lab = Lab()
    old = lab.client.connect(1)
    lab.cluster.pause(1)
    send_batch(old, b"first")
    lab.run(0.01)
    new = lab.client.connect(1)
    send_batch(new, b"second")
    lab.run(0.01)

    lab.cluster.resume(1)
    lab.settle()

    assert lab.client.read() == [b"first", b"second"]


def test_acks_zero_gets_no_answer_and_the_next_request_does() -> None:
    lab = Lab()
    connection = lab.client.connect(1)

    silent = send_batch(connection, b"quiet", acks=0)
    loud = send_batch(connection, b"loud")
    connection.wait(loud)

    assert silent not in connection.answers
    assert lab.client.read() == [b"quiet", b"loud"]


def test_an_error_under_acks_zero_closes_the_connection() -> None:
    lab = Lab()
    follower = lab.client.connect(2)

    send_batch(follower, b"to a follower", acks=0)
    lab.run(0.1)

    assert follower.closed is not None
    assert lab.events(ProduceAnswered)[0].code == Code.NOT_LEADER_OR_FOLLOWER


def test_malformed_bytes_close_the_connection_and_nothing_else() -> None:
    lab = Lab()
    for nonsense in (
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x02\x00\x00",
        encode_request(ApiKey.PRODUCE, 12, 1, "raw", b"\x7f"),
        encode_request(99, 0, 1, "raw", b""),
        encode_request(ApiKey.METADATA, 99, 1, "raw", b""),
        encode_request(ApiKey.PRODUCE, 2, 1, "raw", b""),
        # Kafka calls version 6 unstable: it is declared here, and nobody speaks it.
        encode_request(ApiKey.INIT_PRODUCER_ID, 6, 1, "raw", encode(InitProducerIdRequest(None), 6)),
    ):
        connection = lab.client.connect(1)

        connection.endpoint.send(nonsense)
        lab.run(0.01)

        assert connection.closed is not None, nonsense
    assert lab.client.produce(b"fine").error_code == Code.NONE


def test_bytes_behind_the_last_field_of_a_request_are_forgiven_as_kafka_forgives_them() -> None:
    # librdkafka's list_topics() really sends three.
    lab = Lab()
    for version in (4, 9, 12):
        connection = lab.client.connect(1)
        connection._asked[1] = (ApiKey.METADATA, version)
        body = encode(metadata.MetadataRequest(None), version) + bytes(3)

        connection.endpoint.send(encode_request(ApiKey.METADATA, version, 1, "raw", body))

        assert connection.wait(1).topics[0].name == "orders"


@pytest.mark.parametrize("version", [12, 13])
def test_an_unknown_id_has_no_name(version: int) -> None:
    asked = metadata.MetadataRequestTopic(b"?" * 16, None)

    answer = Lab().client.connect(1).call(ApiKey.METADATA, metadata.MetadataRequest((asked,)), version)

    ((topic),) = answer.topics
    assert (topic.error_code, topic.name, topic.topic_id) == (Code.UNKNOWN_TOPIC_ID, None, b"?" * 16)


def test_an_empty_list_of_topics_means_all_in_version_0_and_none_since() -> None:
    connection = Lab().client.connect(1)

    for version in range(14):
        answer = connection.call(ApiKey.METADATA, metadata.MetadataRequest(()), version)
        assert [topic.name for topic in answer.topics] == (["orders"] if version == 0 else [])


def test_every_version_of_fetch_and_list_offsets_is_answered_also_with_an_error_and_a_leader() -> None:
    lab = Lab()
    leader, follower = lab.client.connect(1), lab.client.connect(2)
    topic_id = leader.call(ApiKey.METADATA, metadata.MetadataRequest(None)).topics[0].topic_id

    for version in range(SUPPORTED[ApiKey.FETCH].lowest, SUPPORTED[ApiKey.FETCH].highest + 1):
        topic = fetch.FetchTopic("orders", topic_id, (fetch.FetchPartition(0),))
        # Since version 11 a consumer may read from a follower (KIP-392).
        refused = Code.NOT_LEADER_OR_FOLLOWER if version < 11 else Code.NONE
        for connection, code in ((leader, Code.NONE), (follower, refused)):
            answer = connection.call(ApiKey.FETCH, fetch.FetchRequest(topics=(topic,)), version)
            partition = answer.responses[0].partitions[0]
            assert (partition.error_code, partition.records) == (code, b"")
            assert (partition.current_leader, answer.node_endpoints) == ((-1, -1), ())
    for version in range(SUPPORTED[ApiKey.LIST_OFFSETS].lowest, SUPPORTED[ApiKey.LIST_OFFSETS].highest + 1):
        asked = list_offsets.ListOffsetsTopic("orders", (list_offsets.ListOffsetsPartition(0, timestamp=-1),))
        answer = leader.call(ApiKey.LIST_OFFSETS, list_offsets.ListOffsetsRequest(-1, topics=(asked,)), version)
        found = answer.topics[0].partitions[0]
        assert (found.error_code, found.offset, found.leader_epoch) == (Code.NONE, 0, 0 if version >= 4 else -1)


def test_a_frame_may_arrive_in_pieces() -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    connection._asked[1] = (ApiKey.METADATA, 9)
    body = encode(metadata.MetadataRequest(None), 9)
    frame = encode_request(ApiKey.METADATA, 9, 1, "raw", body)

    for byte in frame:
        connection.endpoint.send(bytes([byte]))

    assert connection.wait(1).topics[0].name == "orders"


def test_produce_is_listed_from_version_zero() -> None:
    lab = Lab()

    answer = lab.client.connect(1).call(ApiKey.API_VERSIONS, api_versions.ApiVersionsRequest("raw", "1"))

    assert answer.ranges[ApiKey.PRODUCE] == (0, 13)


def test_an_unknown_version_of_api_versions_is_answered_with_error_35_in_a_version_0_body() -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    connection._asked[1] = (ApiKey.API_VERSIONS, 0)

    connection.endpoint.send(encode_request(ApiKey.API_VERSIONS, 77, 1, "raw", b"whatever"))
    answer = connection.wait(1)

    assert answer.error_code == Code.UNSUPPORTED_VERSION
    assert answer.ranges[ApiKey.API_VERSIONS].highest == 4


def test_append_and_answer_lie_apart_in_time_so_that_a_fault_fits_in() -> None:
    lab = Lab()

    lab.client.produce(b"x", acks=1)

    appended, answered = lab.events(BatchAppended)[0], lab.events(ProduceAnswered)[0]
    assert answered.at_us - appended.at_us == lab.cluster.config.request_handling_us


def test_a_request_while_paused_is_answered_after_the_resume() -> None:
    lab = Lab()
    connection = lab.client.connect(2)
    lab.cluster.pause(2)
    correlation_id = connection.send(ApiKey.METADATA, metadata.MetadataRequest(None), 12)
    lab.run(3)

    lab.cluster.resume(2)
    connection.wait(correlation_id)

    resumed_us = lab.events(BrokerResumed)[0].at_us
    assert resumed_us < connection.answered_us[correlation_id] < resumed_us + SECOND_US // 100


def test_a_broker_that_is_down_refuses_connections_and_closes_those_it_had() -> None:
    lab = Lab()
    connection = lab.client.connect(3)

    lab.cluster.crash(3)
    lab.run(0.01)

    assert connection.closed == "closed by peer"
    assert lab.client.connect(3).closed == "connection refused"


def test_a_topic_id_and_a_topic_name_lead_to_the_same_partition() -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    topic_id = connection.call(ApiKey.METADATA, metadata.MetadataRequest(None)).topics[0].topic_id

    by_id = part_of(connection.wait(send_batch(connection, b"by id", topic_id=topic_id, version=13)))
    unknown = part_of(connection.wait(send_batch(connection, b"?", topic_id=bytes(15) + b"\x01", version=13)))

    assert (by_id.error_code, by_id.base_offset) == (Code.NONE, 0)
    assert unknown.error_code == Code.UNKNOWN_TOPIC_ID
    assert lab.client.read(ORDERS) == [b"by id"]


def test_every_version_of_produce_is_understood() -> None:
    lab = Lab()
    connection = lab.client.connect(1)

    for version in range(3, 13):
        records = encode_batch([(None, b"v%d" % version, (), 5)])
        answer = part_of(connection.wait(send_batch(connection, version=version, records=records)))
        assert answer.error_code == Code.NONE

    assert lab.client.read() == [b"v%d" % version for version in range(3, 13)]


def test_everything_that_arrived_before_the_end_is_processed_however_long_the_queue_if_nobody_is_answered() -> None:
    lab = Lab()
    connection = lab.client.connect(1)

    for number in range(5):
        send_batch(connection, b"%d" % number, acks=0)
    connection.endpoint.close()
    lab.run(1)

    assert lab.client.read() == [b"0", b"1", b"2", b"3", b"4"]
