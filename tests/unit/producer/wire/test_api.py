"""Versions are chosen as KIP-35 says; headers are Kafka's, down to the exceptions made for ApiVersions."""

import io
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kio.index import load_request_schema, load_response_schema
from kio.serial import entity_reader, entity_writer

from producer.errors import MalformedError, UnsupportedVersionError
from producer.wire.api import (
    SUPPORTED,
    ApiKey,
    RequestHeader,
    VersionRange,
    check_version,
    choose_version,
    decode_request_header,
    encode_request,
    encode_response,
    is_flexible,
    read_correlation_id,
    response_body,
)
from producer.wire.codec import encode
from producer.wire.messages import api_versions


def versions_of(api: ApiKey) -> range:
    low, high = SUPPORTED[api]
    return range(low, high + 1)


def test_the_highest_common_version_is_chosen() -> None:
    assert choose_version(ApiKey.PRODUCE, {0: VersionRange(0, 10)}) == 10
    assert choose_version(ApiKey.PRODUCE, {0: VersionRange(0, 99)}) == SUPPORTED[ApiKey.PRODUCE].highest


@pytest.mark.parametrize("theirs", [VersionRange(0, 2), VersionRange(14, 20)])
def test_no_common_version_names_the_api_and_both_ranges(theirs: VersionRange) -> None:
    with pytest.raises(UnsupportedVersionError, match=f"PRODUCE.*3-13.*{theirs}"):
        choose_version(ApiKey.PRODUCE, {0: theirs})


def test_an_api_that_the_peer_does_not_know_is_unsupported() -> None:
    with pytest.raises(UnsupportedVersionError, match="FETCH"):
        choose_version(ApiKey.FETCH, {0: VersionRange(0, 9)})


def test_a_version_without_codec_is_unsupported() -> None:
    with pytest.raises(UnsupportedVersionError, match="METADATA version 14"):
        check_version(ApiKey.METADATA, 14)


@pytest.mark.parametrize("api", SUPPORTED)
def test_the_request_header_is_kafkas(api: ApiKey) -> None:
    for version, client_id in product(versions_of(api), (None, "", "acklab")):
        whole = encode_request(api, version, 7, client_id, b"body")

        schema = load_request_schema(api, version).__header_schema__
        buffer = io.BytesIO()
        fields: dict[str, Any] = {"request_api_key": int(api), "request_api_version": version, "correlation_id": 7}
        entity_writer(schema)(buffer, schema(**fields, client_id=client_id))
        assert whole[4:] == buffer.getvalue() + b"body"
        assert int.from_bytes(whole[:4], "big") == len(whole) - 4
        header, position = decode_request_header(whole[4:])
        assert header == RequestHeader(api, version, 7, client_id)
        assert whole[4 + position :] == b"body"


@pytest.mark.parametrize("api", SUPPORTED)
def test_the_response_header_is_kafkas(api: ApiKey) -> None:
    for version in versions_of(api):
        whole = encode_response(api, version, 9, b"body")

        schema = load_response_schema(api, version).__header_schema__
        header, position = entity_reader(schema)(whole[4:], 0)
        assert header.correlation_id == 9
        assert whole[4 + position :] == b"body"
        assert int.from_bytes(whole[:4], "big") == len(whole) - 4
        assert read_correlation_id(whole[4:]) == 9
        assert response_body(api, version, whole[4:]) == b"body"


@pytest.mark.parametrize("api", SUPPORTED)
def test_flexible_versions_are_those_of_kafkas_schemas(api: ApiKey) -> None:
    ours = [is_flexible(api, version) for version in versions_of(api)]

    assert ours == [load_request_schema(api, version).__flexible__ for version in versions_of(api)]


def test_unknown_header_tags_are_skipped() -> None:
    assert response_body(ApiKey.PRODUCE, 9, bytes(4) + b"\x01\x05\x02abbody") == b"body"


def test_an_api_versions_request_from_the_future_is_answered_in_version_0() -> None:
    request = encode_request(ApiKey.API_VERSIONS, 99, 7, "acklab", b"what the future knows")

    header, _ = decode_request_header(request[4:])
    answer = encode_response(
        ApiKey.API_VERSIONS, 0, 7, api_versions.encode_unsupported_version((api_versions.ApiVersion(18, 0, 4),))
    )

    assert header == RequestHeader(ApiKey.API_VERSIONS, 99, 7, "acklab")
    body = response_body(ApiKey.API_VERSIONS, 4, answer[4:])
    assert body.hex() == "0023" + "00000001" + "001200000004"
    read = api_versions.decode_response(body, 4)
    assert read.error_code == 35
    assert read.ranges == {18: VersionRange(0, 4)}


@pytest.mark.parametrize("answered", [1, 2, 3, 4])
def test_error_35_in_another_version_than_0_is_an_error_all_the_same(answered: int) -> None:
    answer = api_versions.ApiVersionsResponse(35, (api_versions.ApiVersion(18, 0, 3),), throttle_time_ms=77)

    read = api_versions.decode_response(encode(answer, answered), 4)

    assert read.error_code == 35
    # Nothing behind the error is to be trusted, least of all a time to keep silent.
    assert read.throttle_time_ms == 0


@given(st.binary(max_size=40))
def test_garbage_is_a_malformed_header_or_a_header(payload: bytes) -> None:
    for read in (
        decode_request_header,
        read_correlation_id,
        lambda data: response_body(ApiKey.PRODUCE, 9, data),
        lambda data: decode_request_header(b"\x00\x00\x00\x09" + data),
    ):
        try:
            read(payload)
        except MalformedError:
            continue
