"""Each declared message in each version is the one of Kafka's definitions: kio, generated from them, is the oracle."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from kio.serial import entity_reader

from producer.errors import MalformedError, UnsupportedVersionError
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode, source_of
from tests.unit.producer.wire.drawn import EVERY_MESSAGE, EVERY_VERSION, kio_bytes, kio_schema, to_kio, values

# Each of some 500 versions is drawn a few times: what is wrong in a declaration is wrong in nearly every value.
FEW = settings(max_examples=6, phases=[Phase.explicit, Phase.generate, Phase.shrink])


@pytest.mark.parametrize("api, kind, version", EVERY_VERSION)
@FEW
@given(data=st.data())
def test_our_bytes_are_kios_and_come_back(api: ApiKey, kind: str, version: int, data: st.DataObject) -> None:
    value = data.draw(values(api, kind, version))

    body = encode(value, version)

    schema = kio_schema(api, kind, version)
    entity = to_kio(schema, value, version)
    assert body == kio_bytes(entity)
    assert entity_reader(schema)(body, 0) == (entity, len(body))
    again = decode(type(value), body, version)
    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize("api, kind", EVERY_MESSAGE)
def test_a_value_at_its_defaults_is_kios(api: ApiKey, kind: str) -> None:
    value = api.message(kind)()

    for version in range(api.versions.lowest, api.versions.highest + 1):
        assert encode(value, version) == kio_bytes(to_kio(kio_schema(api, kind, version), value, version))


@pytest.mark.parametrize("api, kind", EVERY_MESSAGE)
def test_a_version_that_is_not_declared_is_unsupported(api: ApiKey, kind: str) -> None:
    message = api.message(kind)

    for version in (api.versions.lowest - 1, api.versions.highest + 1):
        with pytest.raises(UnsupportedVersionError, match=f"{api.name} version {version}"):
            decode(message, b"", version)
        with pytest.raises(UnsupportedVersionError, match=f"{api.name} version {version}"):
            encode(message(), version)


@pytest.mark.parametrize("api, kind", EVERY_MESSAGE)
@settings(max_examples=3)
@given(data=st.data())
def test_cut_off_or_with_a_flipped_bit_it_is_malformed_or_a_value(api: ApiKey, kind: str, data: st.DataObject) -> None:
    version = data.draw(st.integers(*api.versions))
    message = api.message(kind)
    body = bytearray(encode(data.draw(values(api, kind, version)), version))

    for size in range(len(body)):
        # Cut anywhere, something is missing: each message says how much there is of everything.
        with pytest.raises(MalformedError, match=f"{api.name} {kind} version {version}"):
            decode(message, bytes(body[:size]), version)
    assert decode(message, bytes(body) + b"\x01\x02\x03", version) == decode(message, bytes(body), version)
    if body:
        bit = data.draw(st.integers(0, len(body) * 8 - 1))
        body[bit // 8] ^= 1 << bit % 8
        try:
            decode(message, bytes(body), version)
        except MalformedError:
            return


@pytest.mark.parametrize("api, kind", EVERY_MESSAGE)
@settings(max_examples=5)
@given(body=st.binary(max_size=80))
def test_garbage_is_malformed_or_a_value(api: ApiKey, kind: str, body: bytes) -> None:
    message = api.message(kind)
    for version in range(api.versions.lowest, api.versions.highest + 1):
        try:
            decode(message, body, version)
        except MalformedError:
            continue


def test_the_source_of_a_codec_can_be_read() -> None:
    source = source_of(ApiKey.METADATA.message("response"), 12)

    assert "name, topic_id, is_internal, partitions, topic_authorized_operations in topics:" in source
    assert ", partition_index, leader_id, leader_epoch, n = unpack_hiiiB(data, at)" in source


def test_only_messages_have_codecs() -> None:
    with pytest.raises(TypeError, match="VersionRange is no message"):
        encode(ApiKey.METADATA.versions, 0)


def test_an_api_is_loaded_by_its_name() -> None:
    for api in ApiKey:
        assert api.message("request").__name__ == f"{api.title}Request"
        assert api.message("response").__doc__
