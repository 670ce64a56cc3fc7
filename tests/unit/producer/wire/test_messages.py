"""Each message in each version is the one of Kafka's schemas: kio, generated from them, is the oracle."""

import datetime as dt
import io
import uuid
from collections.abc import Callable
from dataclasses import fields
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kio.index import load_request_schema, load_response_schema
from kio.schema.errors import ErrorCode as KioErrorCode
from kio.serial import entity_reader, entity_writer
from kio.serial._introspect import EntityField, EntityTupleField, PrimitiveTupleField, classify_field

from producer.errors import MalformedError, UnsupportedVersionError, UsageError
from producer.wire import (
    api_versions,
    fetch,
    init_producer_id,
    list_offsets,
    metadata,
    produce,
    sasl_authenticate,
    sasl_handshake,
)
from producer.wire.api import SUPPORTED, ApiKey, is_flexible
from producer.wire.leaders import LeaderIdAndEpoch, NodeEndpoint
from producer.wire.primitives import ZERO_ID

MODULES: dict[ApiKey, ModuleType] = {
    ApiKey.PRODUCE: produce,
    ApiKey.FETCH: fetch,
    ApiKey.LIST_OFFSETS: list_offsets,
    ApiKey.METADATA: metadata,
    ApiKey.SASL_HANDSHAKE: sasl_handshake,
    ApiKey.API_VERSIONS: api_versions,
    ApiKey.INIT_PRODUCER_ID: init_producer_id,
    ApiKey.SASL_AUTHENTICATE: sasl_authenticate,
}
EPOCH_START = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

# -- values ------------------------------------------------------------------------------------------------------------

i16 = st.integers(-(1 << 15), (1 << 15) - 1)
i32 = st.integers(-(1 << 31), (1 << 31) - 1)
i64 = st.integers(-(1 << 63), (1 << 63) - 1)
# kio holds a duration in a timedelta and a time in a datetime: neither goes as far as the wire does.
ms32 = st.integers(0, (1 << 31) - 1)
append_time = st.sampled_from([-1, 0, 1, 1_700_000_000_123, 4_102_444_800_999])
code = st.sampled_from([int(known) for known in KioErrorCode])
text = st.text(max_size=8)
rack = st.none() | text
flag = st.booleans()
topic_id = st.binary(min_size=16, max_size=16)
blob = st.binary(max_size=20)


def some(element: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(element, max_size=most).map(tuple)


ids = some(i32, 4)
leader = st.just(LeaderIdAndEpoch()) | st.builds(LeaderIdAndEpoch, i32, i32)
endpoints = some(st.builds(NodeEndpoint, i32, text, i32, rack))
feature = st.builds(api_versions.Feature, text, i16, i16)


def topics(build: Any, partitions: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return some(st.builds(build, text, topic_id, some(partitions)))


REQUESTS: dict[ApiKey, st.SearchStrategy[Any]] = {
    ApiKey.PRODUCE: st.builds(
        produce.ProduceRequest,
        rack,
        i16,
        ms32,
        topics(produce.ProduceTopic, st.builds(produce.ProducePartition, i32, st.none() | blob)),
    ),
    ApiKey.FETCH: st.builds(
        fetch.FetchRequest,
        i32,
        ms32,
        i32,
        i32,
        st.integers(0, 1),
        i32,
        i32,
        topics(
            fetch.FetchTopic,
            st.builds(fetch.FetchPartition, i32, i32, i64, i32, i64, i32, st.just(ZERO_ID) | topic_id, i64),
        ),
        some(st.builds(fetch.ForgottenTopic, text, topic_id, ids)),
        text,
        i64,
        rack,
    ),
    ApiKey.LIST_OFFSETS: st.builds(
        list_offsets.ListOffsetsRequest,
        i32,
        st.integers(0, 1),
        some(
            st.builds(
                list_offsets.ListOffsetsTopic, text, some(st.builds(list_offsets.ListOffsetsPartition, i32, i32, i64))
            )
        ),
        ms32,
    ),
    ApiKey.METADATA: st.builds(
        metadata.MetadataRequest, st.none() | some(text), some(topic_id.filter(any)), flag, flag, flag
    ),
    ApiKey.API_VERSIONS: st.builds(api_versions.ApiVersionsRequest, text, text),
    ApiKey.INIT_PRODUCER_ID: st.builds(init_producer_id.InitProducerIdRequest, rack, ms32, i64, i16),
    ApiKey.SASL_HANDSHAKE: st.builds(sasl_handshake.SaslHandshakeRequest, text),
    ApiKey.SASL_AUTHENTICATE: st.builds(sasl_authenticate.SaslAuthenticateRequest, blob),
}
RESPONSES: dict[ApiKey, st.SearchStrategy[Any]] = {
    ApiKey.PRODUCE: st.builds(
        produce.ProduceResponse,
        topics(
            produce.ProduceTopicResponse,
            st.builds(
                produce.ProducePartitionResponse,
                i32,
                code,
                i64,
                append_time,
                i64,
                some(st.builds(produce.RecordError, i32, rack)),
                rack,
                leader,
            ),
        ),
        ms32,
        endpoints,
    ),
    ApiKey.FETCH: st.builds(
        fetch.FetchResponse,
        ms32,
        code,
        i32,
        topics(
            fetch.FetchTopicResponse,
            st.builds(
                fetch.FetchPartitionResponse,
                i32,
                code,
                i64,
                i64,
                i64,
                st.none() | st.builds(fetch.EpochEndOffset, i32, i64),
                leader,
                some(st.builds(fetch.AbortedTransaction, i64, i64)),
                i32,
                blob,
            ),
        ),
        endpoints,
    ),
    ApiKey.LIST_OFFSETS: st.builds(
        list_offsets.ListOffsetsResponse,
        ms32,
        some(
            st.builds(
                list_offsets.ListOffsetsTopicResponse,
                text,
                some(st.builds(list_offsets.ListOffsetsPartitionResponse, i32, code, i64, i64, i32)),
            )
        ),
    ),
    ApiKey.METADATA: st.builds(
        metadata.MetadataResponse,
        ms32,
        some(st.builds(metadata.MetadataBroker, i32, text, i32, rack)),
        rack,
        i32,
        some(
            st.builds(
                metadata.MetadataTopic,
                code,
                text,
                topic_id,
                flag,
                some(st.builds(metadata.MetadataPartition, code, i32, i32, i32, ids, ids, ids)),
                i32,
            )
        ),
        code,
        i32,
    ),
    ApiKey.API_VERSIONS: st.builds(
        api_versions.ApiVersionsResponse,
        # Error 35 has a decoder of its own, and tests in test_api.
        code.filter(lambda number: number != 35),
        some(st.builds(api_versions.ApiVersion, i16, i16, i16)),
        ms32,
        some(feature),
        i64,
        some(feature),
    ),
    ApiKey.INIT_PRODUCER_ID: st.builds(init_producer_id.InitProducerIdResponse, ms32, code, i64, i16),
    ApiKey.SASL_HANDSHAKE: st.builds(sasl_handshake.SaslHandshakeResponse, code, some(text)),
    ApiKey.SASL_AUTHENTICATE: st.builds(
        sasl_authenticate.SaslAuthenticateResponse, code, rack, blob, st.integers(0, 10**12)
    ),
}

# -- from our values to kio's ------------------------------------------------------------------------------------------


def wanted_topics(value: metadata.MetadataRequest) -> Any:
    if value.topics is None and not value.topic_ids:
        return None
    named = [SimpleNamespace(name=name, topic_id=ZERO_ID) for name in value.topics or ()]
    return [*named, *(SimpleNamespace(name=None, topic_id=given_id) for given_id in value.topic_ids)]


NAMES: dict[str, tuple[str, ...]] = {
    "throttle_time": ("throttle_time_ms",),
    "log_append_time": ("log_append_time_ms",),
    "session_lifetime": ("session_lifetime_ms",),
    "max_wait": ("max_wait_ms",),
    "timeout": ("timeout_ms",),
    "transaction_timeout": ("transaction_timeout_ms",),
    "timestamp": ("timestamp_ms",),
    "responses": ("topics",),
    "topic_data": ("topics",),
    "partition_data": ("partitions",),
    "partition_responses": ("partitions",),
    "batch_index_error_message": ("message",),
    "api_keys": ("api_versions",),
    "partition_index": ("partition_index", "index"),
    "topic": ("name",),
    "forgotten_topics_data": ("forgotten_topics",),
    "topic_authorized_operations": ("authorized_operations",),
    "min_version": ("lowest",),
    "max_version": ("highest",),
    "min_version_level": ("lowest",),
    "max_version_level": ("highest",),
}
ABSENT = object()


def ours(value: Any, name: str) -> Any:
    if name == "topics" and isinstance(value, metadata.MetadataRequest):
        return wanted_topics(value)
    if name == "replica_state":
        return value
    for candidate in NAMES.get(name, (name,)):
        if hasattr(value, candidate):
            return getattr(value, candidate)
    # Fields that a producer has no use for, as `snapshot_id`, stay at the schema's default.
    return ABSENT


def scalar(kafka_type: str, value: Any) -> Any:
    if value is None:
        return None
    if kafka_type == "uuid":
        return uuid.UUID(bytes=value) if any(value) else None
    if kafka_type.startswith("timedelta"):
        return dt.timedelta(milliseconds=value)
    if kafka_type.startswith("datetime"):
        return None if value == -1 else EPOCH_START + dt.timedelta(milliseconds=value)
    if kafka_type == "error_code":
        return KioErrorCode(value)
    return value


def to_kio(schema: Any, value: Any) -> Any:
    given_fields = {}
    for field in fields(schema):
        content = ours(value, field.name)
        if content is ABSENT or (field.name == "diverging_epoch" and content is None):
            continue
        kind = classify_field(field)
        if isinstance(kind, EntityTupleField):
            content = None if content is None else tuple(to_kio(kind.type_, element) for element in content)
            if content is None and isinstance(value, metadata.MetadataRequest) and schema.__version__ == 0:
                content = ()
        elif isinstance(kind, EntityField):
            content = to_kio(kind.type_, content)
        elif isinstance(kind, PrimitiveTupleField):
            content = tuple(content)
        else:
            content = scalar(field.metadata["kafka_type"], content)
        given_fields[field.name] = content
    return schema(**given_fields)


def kio_bytes(entity: Any) -> bytes:
    buffer = io.BytesIO()
    entity_writer(type(entity))(buffer, entity)
    return buffer.getvalue()


# -- the claims --------------------------------------------------------------------------------------------------------

EVERY = [
    pytest.param(api, kind, version, id=f"{api.name}-{version}-{kind}")
    for api, (lowest, highest) in SUPPORTED.items()
    for version in range(lowest, highest + 1)
    for kind in ("request", "response")
]


def parts_of(api: ApiKey, kind: str) -> tuple[st.SearchStrategy[Any], Callable[..., bytes], Callable[..., Any]]:
    values = (REQUESTS if kind == "request" else RESPONSES)[api]
    module = MODULES[api]
    return values, getattr(module, f"encode_{kind}"), getattr(module, f"decode_{kind}")


def askable(value: Any, version: int) -> Any:
    """Take out of a metadata request what its version has no words for."""
    if not isinstance(value, metadata.MetadataRequest):
        return value
    if version < 10:
        value = value._replace(topic_ids=())
    if version == 0 and value.topics == ():
        value = value._replace(topics=None)
    return value


@pytest.mark.parametrize("api, kind, version", EVERY)
@settings(max_examples=6)
@given(data=st.data())
def test_our_bytes_are_kios_and_come_back(api: ApiKey, kind: str, version: int, data: st.DataObject) -> None:
    values, encode, decode = parts_of(api, kind)
    value = askable(data.draw(values), version)

    body = encode(value, version)

    schema = (load_request_schema if kind == "request" else load_response_schema)(api, version)
    entity = to_kio(schema, value)
    assert body == kio_bytes(entity)
    assert entity_reader(schema)(body, 0) == (entity, len(body))
    # What the version has no field for is lost on the way; what comes back says the same again.
    again = decode(body, version)
    assert encode(again, version) == body
    assert decode(encode(again, version), version) == again
    assert type(again) is type(value)


@pytest.mark.parametrize("kind", ["request", "response"])
@pytest.mark.parametrize(
    "api", [api for api in SUPPORTED if api not in (ApiKey.PRODUCE, ApiKey.FETCH, ApiKey.METADATA)]
)
@given(data=st.data())
def test_the_newest_version_loses_nothing(api: ApiKey, kind: str, data: st.DataObject) -> None:
    values, encode, decode = parts_of(api, kind)
    value = data.draw(values)

    assert decode(encode(value, SUPPORTED[api].highest), SUPPORTED[api].highest) == value


def unnamed(value: Any) -> Any:
    """Take the topics' names away: newer versions carry ids alone."""
    return value._replace(topics=tuple(topic._replace(name="") for topic in value.topics))


@pytest.mark.parametrize("kind", ["request", "response"])
@pytest.mark.parametrize("api", [ApiKey.PRODUCE, ApiKey.FETCH])
@given(data=st.data())
def test_the_newest_version_loses_only_the_topics_names(api: ApiKey, kind: str, data: st.DataObject) -> None:
    values, encode, decode = parts_of(api, kind)
    value = unnamed(data.draw(values))
    if isinstance(value, fetch.FetchRequest):
        value = value._replace(forgotten_topics=tuple(topic._replace(name="") for topic in value.forgotten_topics))
    if isinstance(value, fetch.FetchResponse):
        # An epoch of -1 at offset -1 is how the wire says "no divergence".
        value = value._replace(topics=())

    assert decode(encode(value, SUPPORTED[api].highest), SUPPORTED[api].highest) == value


@pytest.mark.parametrize("version", [8, 9, 10])
@settings(max_examples=10)
@given(value=RESPONSES[ApiKey.METADATA])
def test_metadata_comes_back(version: int, value: metadata.MetadataResponse) -> None:
    again = metadata.decode_response(metadata.encode_response(value, version), version)

    assert again.brokers == value.brokers
    assert again.cluster_id == value.cluster_id
    assert [topic.partitions for topic in again.topics] == [topic.partitions for topic in value.topics]


def test_a_fetch_partition_comes_back_field_by_field() -> None:
    partition = fetch.FetchPartitionResponse(
        partition_index=1,
        error_code=6,
        high_watermark=10,
        last_stable_offset=9,
        log_start_offset=2,
        diverging_epoch=fetch.EpochEndOffset(3, 8),
        current_leader=LeaderIdAndEpoch(2, 4),
        aborted_transactions=(fetch.AbortedTransaction(7, 5),),
        preferred_read_replica=3,
        records=b"records",
    )
    value = fetch.FetchResponse(topics=(fetch.FetchTopicResponse("", b"i" * 16, (partition,)),))

    assert fetch.decode_response(fetch.encode_response(value, 17), 17) == value


def test_all_topics_no_topic_and_some_topics_are_three_questions() -> None:
    for version in range(1, 14):
        for asked in (None, (), ("orders", "payments")):
            body = metadata.encode_request(metadata.MetadataRequest(asked), version)
            assert metadata.decode_request(body, version).topics == asked


def test_a_question_the_version_cannot_put_is_the_callers_error() -> None:
    with pytest.raises(UsageError, match="topic id"):
        metadata.encode_request(metadata.MetadataRequest((), (b"i" * 16,)), 9)
    with pytest.raises(UsageError, match="no topic"):
        metadata.encode_request(metadata.MetadataRequest(()), 0)


def test_a_topic_without_a_name_is_null_since_12_and_empty_before() -> None:
    value = metadata.MetadataResponse(topics=(metadata.MetadataTopic(100, None, b"i" * 16),))

    assert metadata.decode_response(metadata.encode_response(value, 12), 12).topics[0].name is None
    assert metadata.decode_response(metadata.encode_response(value, 11), 11).topics[0].name == ""


def test_null_records_and_null_transactions_in_a_fetch_answer_are_empty() -> None:
    partition = fetch.FetchPartitionResponse(0, aborted_transactions=(), records=b"")
    body = fetch.encode_response(fetch.FetchResponse(topics=(fetch.FetchTopicResponse("t", ZERO_ID, (partition,)),)), 4)
    # At the end of version 4: a count of transactions, then a size of records.
    nulled = body[:-8] + b"\xff" * 8

    assert fetch.decode_response(nulled, 4) == fetch.decode_response(body, 4)


def test_codes_and_tags_from_a_newer_kafka_are_read() -> None:
    body = bytes(4) + (9_999).to_bytes(2, "big") + bytes(10) + b"\x01\x63\x02ab"

    assert init_producer_id.decode_response(body, 5).error_code == 9_999


@pytest.mark.parametrize("api", SUPPORTED)
@pytest.mark.parametrize("kind", ["request", "response"])
def test_a_version_without_codec_is_unsupported(api: ApiKey, kind: str) -> None:
    _, _, decode = parts_of(api, kind)

    for version in (SUPPORTED[api].lowest - 1, SUPPORTED[api].highest + 1):
        with pytest.raises(UnsupportedVersionError, match=api.name):
            decode(b"", version)


# -- nonsense ----------------------------------------------------------------------------------------------------------


def survives(decode: Callable[..., Any], body: bytes, version: int) -> None:
    try:
        decode(body, version)
    except MalformedError:
        return


@pytest.mark.parametrize("kind", ["request", "response"])
@pytest.mark.parametrize("api", SUPPORTED)
@given(body=st.binary(max_size=80))
def test_garbage_is_malformed_or_a_value(api: ApiKey, kind: str, body: bytes) -> None:
    lowest, highest = SUPPORTED[api]
    for version in range(lowest, highest + 1):
        survives(parts_of(api, kind)[2], body, version)


@pytest.mark.parametrize("kind", ["request", "response"])
@pytest.mark.parametrize("api", SUPPORTED)
@settings(max_examples=20)
@given(data=st.data())
def test_truncated_or_with_a_flipped_bit_it_is_malformed_or_a_value(
    api: ApiKey, kind: str, data: st.DataObject
) -> None:
    values, encode, decode = parts_of(api, kind)
    lowest, highest = SUPPORTED[api]
    version = data.draw(st.integers(lowest, highest))
    body = bytearray(encode(askable(data.draw(values), version), version))

    for size in range(len(body)):
        # Cut anywhere, something is missing: each of our messages says how much there is of everything.
        with pytest.raises(MalformedError, match=api.name):
            decode(bytes(body[:size]), version)
    if kind == "request":
        with pytest.raises(MalformedError, match=api.name):
            decode(bytes(body) + b"\x00", version)
    else:
        assert decode(bytes(body) + b"\x00", version) == decode(bytes(body), version)
    if body:
        bit = data.draw(st.integers(0, len(body) * 8 - 1))
        body[bit // 8] ^= 1 << bit % 8
        survives(decode, bytes(body), version)


@pytest.mark.parametrize("claimed", [0x7FFFFFFF, 0x10000000])
def test_a_lying_length_costs_nothing(claimed: int) -> None:
    legacy = b"\xff\xff" + bytes(6) + claimed.to_bytes(4, "big")
    with pytest.raises(MalformedError, match=str(claimed)):
        produce.decode_request(legacy, 3)
    assert is_flexible(ApiKey.PRODUCE, 9)
    with pytest.raises(MalformedError):
        produce.decode_request(b"\x00" + bytes(6) + b"\xff\xff\xff\xff\x0f", 9)
