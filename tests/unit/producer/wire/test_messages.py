"""What single messages mean beyond their fields: questions that look alike, nulls, error 35."""

import pytest

from producer.errors import MalformedError, UsageError
from producer.wire import api
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.messages import fetch, init_producer_id, metadata, produce
from producer.wire.messages.leaders import LeaderIdAndEpoch
from producer.wire.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse, named


def test_all_topics_no_topic_and_some_topics_are_three_questions() -> None:
    for version in range(1, 14):
        for asked in (None, (), named("orders", "payments")):
            body = encode(MetadataRequest(asked), version)
            assert decode(MetadataRequest, body, version).topics == asked


def test_a_question_the_version_cannot_put_is_the_callers_error() -> None:
    by_id = MetadataRequestTopic(b"i" * 16, None)

    with pytest.raises(UsageError, match=r"METADATA request version 9 has no way to say topics\.name=None"):
        encode(MetadataRequest((by_id,)), 9)
    with pytest.raises(UsageError, match="METADATA request version 0 has no way to say topics=None"):
        encode(MetadataRequest(None), 0)
    assert decode(MetadataRequest, encode(MetadataRequest((by_id,)), 10), 10).topics == (by_id,)


def test_a_topic_without_a_name_is_null_since_12_and_cannot_be_said_before() -> None:
    value = MetadataResponse(topics=(metadata.MetadataTopic(100, None, b"i" * 16),))

    assert decode(MetadataResponse, encode(value, 12), 12).topics[0].name is None
    with pytest.raises(UsageError, match=r"topics\.name=None"):
        encode(value, 11)


def test_a_fetch_partition_comes_back_field_by_field() -> None:
    partition = fetch.FetchPartitionResponse(
        partition_index=1,
        error_code=6,
        high_watermark=10,
        last_stable_offset=9,
        log_start_offset=2,
        diverging_epoch=fetch.EpochEndOffset(3, 8),
        current_leader=LeaderIdAndEpoch(2, 4),
        snapshot_id=fetch.SnapshotId(5, 6),
        aborted_transactions=(fetch.AbortedTransaction(7, 5),),
        preferred_read_replica=3,
        records=b"records",
    )
    value = fetch.FetchResponse(responses=(fetch.FetchTopicResponse("", b"i" * 16, (partition,)),))

    assert decode(fetch.FetchResponse, encode(value, 17), 17) == value


def test_codes_and_tags_from_a_newer_kafka_are_read() -> None:
    body = bytes(4) + (9_999).to_bytes(2, "big") + bytes(10) + b"\x01\x63\x02ab"

    assert decode(init_producer_id.InitProducerIdResponse, body, 5).error_code == 9_999


@pytest.mark.parametrize("claimed", [0x7FFFFFFF, 0x10000000])
def test_a_lying_length_costs_nothing(claimed: int) -> None:
    legacy = b"\xff\xff" + bytes(6) + claimed.to_bytes(4, "big")

    with pytest.raises(MalformedError, match=str(claimed)):
        decode(produce.ProduceRequest, legacy, 3)
    with pytest.raises(MalformedError, match="PRODUCE request version 9"):
        decode(produce.ProduceRequest, b"\x00" + bytes(6) + b"\xff\xff\xff\xff\x0f", 9)


def test_each_fetch_version_says_who_asks_in_its_own_place() -> None:
    follower = fetch.ReplicaState(3, 7)

    assert decode(fetch.FetchRequest, encode(fetch.FetchRequest(replica_id=3), 14), 14).replica_id == 3
    assert (
        decode(fetch.FetchRequest, encode(fetch.FetchRequest(replica_state=follower), 15), 15).replica_state == follower
    )
    with pytest.raises(UsageError, match="replica_id=3"):
        encode(fetch.FetchRequest(replica_id=3), 15)


def test_what_is_spoken_is_declared() -> None:
    for key, spoken in api.SUPPORTED.items():
        assert key.versions.lowest <= spoken.lowest <= spoken.highest <= key.versions.highest
    assert ApiKey(3) is ApiKey.METADATA
