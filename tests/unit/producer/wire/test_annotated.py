"""A frame field by field says what the codec decodes, and leaves no byte out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producer.errors import MalformedError
from producer.wire.annotated import Annotated, annotated_request, annotated_response
from producer.wire.api import ApiKey, encode_request, encode_response
from producer.wire.codec import decode, encode
from producer.wire.compression import Codec
from producer.wire.messages.produce import ProducePartition, ProduceRequest, ProduceTopic
from producer.wire.record_batch import decode_records, encode_batch, read_header
from tests.unit.producer.wire.drawn import EVERY_VERSION, values

LENGTH = 4


def check_tiled(told: Annotated, framed: bytes) -> None:
    at = 0
    for field in told.fields:
        assert field.offset == at, field
        at += field.size_bytes
    assert at == len(framed)


@pytest.mark.parametrize(
    "api, kind, version", EVERY_VERSION, ids=lambda one: one.title if isinstance(one, ApiKey) else str(one)
)
@settings(max_examples=2)
@given(data=st.data())
def test_every_message_of_every_version_is_told_as_the_codec_decodes_it(
    api: ApiKey, kind: str, version: int, data: st.DataObject
) -> None:
    body = encode(data.draw(values(api, kind, version)), version)

    if kind == "request":
        framed = encode_request(api, version, 7, "app", body)
        told = annotated_request(framed)
    else:
        framed = encode_response(api, version, 7, body)
        told = annotated_response(framed, api, version)

    assert repr(told.message) == repr(decode(api.message(kind), body, version))
    check_tiled(told, framed)


@pytest.mark.parametrize("codec", list(Codec))
def test_a_batch_within_is_told_record_by_record_unless_it_is_compressed(codec: Codec) -> None:
    records = [(b"k", b"v" * 50, (("h", b"1"),), 1_700_000_000_000), (None, None, (), 1_700_000_000_005)]
    batch = encode_batch(records, codec=codec, producer_id=5, producer_epoch=1, base_sequence=9)
    request = ProduceRequest(
        acks=-1, timeout_ms=1_000, topic_data=(ProduceTopic("orders", partition_data=(ProducePartition(0, batch),)),)
    )  # fmt: skip
    framed = encode_request(ApiKey.PRODUCE, 9, 1, None, encode(request, 9))

    told = annotated_request(framed)

    check_tiled(told, framed)
    said = {one.name.rpartition("records[0].")[2]: one.value for one in told.fields if "records[0]." in one.name}
    header = read_header(batch)
    for name, value in header._asdict().items():
        assert said[name] == value
    if codec is Codec.NONE:
        first, second = decode_records(batch)
        assert (said["record[0].key"], said["record[0].value"]) == (first.key, first.value)
        assert (said["record[0].headers[0].key"], said["record[0].headers[0].value"]) == (b"h", b"1")
        assert (said["record[1].key"], said["record[1].value"]) == (second.key, second.value)
        assert said["record[1].timestamp_delta_ms"] == 5
    else:
        assert f"records, {codec.name.lower()}" in said


@given(cut=st.integers(0, 40))
def test_a_frame_that_is_cut_off_is_refused(cut: int) -> None:
    framed = encode_request(ApiKey.METADATA, 12, 3, "app", encode(ApiKey.METADATA.message("request")(), 12))

    if cut < len(framed):
        with pytest.raises(MalformedError):
            annotated_request(framed[:cut])
