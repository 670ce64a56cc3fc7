"""What is encrypted comes back to whoever has the key, and means nothing to anybody else, or elsewhere."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from producer.errors import SerializationError, UsageError
from producer.governance.errors import (
    KeyForbiddenError,
    KeyServiceError,
    KeyShreddedError,
    NoSuchKeyError,
    ProtectionError,
)
from producer.governance.protection.envelope import (
    HEADER,
    open_field,
    open_value,
    seal_field,
    seal_value,
    sealed_field,
    sealed_value,
)
from producer.governance.protection.key_material import DataKey, KeyMaterial
from producer.governance.protection.key_ring import KeyRing, Writing
from producer.governance.protection.key_service import KeyWantedError, NewDataKey, UnwrapDataKey
from producer.governance.protection.protector import FIELDS_HEADER, KEY_HEADER
from producer.records import Record
from tests.unit.producer.governance.keys import Desk, drawn, service

KEY = KeyMaterial(bytes(range(32)))
BY = Writing(DataKey("acme", 3, KEY, b"wrapped"), bytes(range(12)))
WHOLE = {"tenant": {"name": "acme"}, "encrypt_value": True}
HEADERS = (HEADER, FIELDS_HEADER, KEY_HEADER, "__value_schema_id")
FIELD = {"tenant": {"name": "acme"}, "protect": {"card": {"by": "encrypt"}}}


@given(st.binary(max_size=300))
def test_a_whole_value_comes_back(value: bytes) -> None:
    sealed = sealed_value(seal_value(value, BY))

    assert sealed.request == UnwrapDataKey("acme", 3, b"wrapped")
    assert open_value(sealed, KEY) == value


def test_a_whole_value_is_laid_out_as_kroxylicious_has_it() -> None:
    """By its rules alone: WrapperV2 and ParcelV1 of io.kroxylicious.filter.encryption.crypto, and the header's version 2."""
    made = Desk(WHOLE, service("acme")).passed(b"the value", headers=[("h", b"1")])
    data = made.value or b""
    edek_size = data[1]  # a varint of one byte, being less than 128
    edek, rest = data[2 : 2 + edek_size], data[2 + edek_size :]
    keys = service("acme")
    data_key = keys.answer(UnwrapDataKey("acme", 1, edek[-40:]))
    assert isinstance(data_key, KeyMaterial)

    parcel = AESGCM(data_key.reveal()).decrypt(rest[1:13], rest[13:], None)

    assert made.headers == ((HEADER, b"\x02"), ("h", b"1"))
    assert (data[0], edek_size < 128, rest[0]) == (0, True, 0)
    assert parcel == bytes((len(b"the value") * 2,)) + b"the value" + b"\x03"  # zigzag of the length, and of -2


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda one: st.lists(one, max_size=3)))
def test_a_field_comes_back_whatever_it_is(value: Any) -> None:
    text = seal_field(value, "a.b", BY)

    assert open_field(sealed_field(text, "a.b"), "a.b", KEY) == value


def test_a_field_s_envelope_means_nothing_in_another_field() -> None:
    text = seal_field("4111", "card", BY)

    with pytest.raises(ProtectionError, match="name: is not what tenant acme version 3 has encrypted there"):
        open_field(sealed_field(text, "name"), "name", KEY)


@given(st.binary(max_size=80))
def test_nonsense_is_no_envelope(data: bytes) -> None:
    try:
        open_value(sealed_value(data), KEY)
    except ProtectionError:
        return
    pytest.fail("nonsense was opened")


@given(st.integers(0, 200), st.integers(1, 255))
def test_one_bit_elsewhere_and_it_does_not_open(at: int, flip: int) -> None:
    data = bytearray(seal_value(b"a value of some length", BY))
    data[at % len(data)] ^= flip

    try:
        sealed = sealed_value(bytes(data))
        open_value(sealed, KEY)
    except ProtectionError:
        return
    assert sealed.request != UnwrapDataKey("acme", 3, b"wrapped"), "it names another key, which nobody has"


def test_a_reader_without_the_right_is_told_so_and_one_with_it_reads() -> None:
    keys = service("acme")
    keys.grant("acme", readers=["billing"])
    desk = Desk(WHOLE, keys)
    made = desk.passed(b"secret")

    assert desk.opened(made, keys.as_principal("billing")).value == b"secret"
    with pytest.raises(KeyForbiddenError, match="marketing has no right to it"):
        desk.opened(made, keys.as_principal("marketing"))


def test_once_a_tenant_is_shredded_nobody_reads_nor_writes() -> None:
    keys = service("acme", "other")
    desk = Desk(WHOLE, keys)
    made = desk.passed(b"secret")
    keys.shred("acme")
    desk.now_us = desk.policy.data_key_age_us

    with pytest.raises(KeyShreddedError):
        desk.opened(made)
    assert isinstance(desk.ruling(b"more").error, KeyShreddedError)
    with pytest.raises(KeyShreddedError, match="its name is not given out again"):
        keys.add_tenant("acme")


def test_after_a_rotation_old_values_are_read_and_new_ones_have_the_new_key_once_the_data_key_is_too_old() -> None:
    keys = service("acme")
    desk = Desk(WHOLE, keys, data_keys={"age_s": 10})
    versions = []
    for now_us in (0, 9_999_999, 10_000_000):
        desk.now_us = now_us
        made = desk.passed(b"v")
        versions.append(sealed_value(made.value or b"").request.version)
        keys.rotate("acme") if now_us == 0 else None
        assert desk.opened(made).value == b"v"

    assert versions == [1, 1, 2]
    keys.retire("acme", 1)
    desk.now_us = 0
    with pytest.raises(NoSuchKeyError):
        desk.opened(Desk(WHOLE, service("acme")).passed(b"v"), keys)


def test_a_data_key_is_used_no_more_often_than_it_may() -> None:
    desk = Desk(WHOLE, service("acme"), data_keys={"uses": 3})

    wrapped = [sealed_value(desk.passed(b"v").value or b"").request.wrapped for _ in range(7)]

    assert [wrapped.count(one) for one in dict.fromkeys(wrapped)] == [3, 3, 1]


@pytest.mark.parametrize("draw", [drawn(), bytes], ids=["chance", "chance that fails"])
def test_no_nonce_comes_twice_for_one_key(draw: Any) -> None:
    ring = KeyRing(draw, uses_max=50)
    keys = service("acme")
    seen: set[tuple[bytes, bytes]] = set()
    for now_us in range(2_000):
        try:
            by = ring.writing("acme", now_us)
        except KeyWantedError as wanted:
            ring.hold(wanted.request, keys.answer(wanted.request), now_us)
            by = ring.writing("acme", now_us)
        seen.add((by.key.wrapped, by.nonce))

    assert len(seen) == 2_000


def test_a_ring_that_would_run_out_of_nonces_is_refused() -> None:
    with pytest.raises(UsageError, match="nonces would repeat"):
        KeyRing(drawn(), uses_max=1 << 32)


def test_an_answer_of_another_kind_is_no_key() -> None:
    with pytest.raises(KeyServiceError, match="the answer is a KeyMaterial"):
        KeyRing(drawn()).hold(NewDataKey("acme"), KEY, 0)


def test_a_field_that_was_to_be_encrypted_and_is_not_is_found_by_its_reader() -> None:
    desk = Desk(FIELD, service("acme"))
    made = desk.passed(b'{"card":"4111"}')
    forged = made._replace(value=b'{"card":"4111"}')

    with pytest.raises(ProtectionError, match="card: was to be encrypted, and is not"):
        desk.opened(forged)


@pytest.mark.parametrize("header", [b"[", b'"x"', b"[1]", b'["a..b"]', b"{}"])
def test_a_header_that_names_no_fields_is_refused(header: bytes) -> None:
    with pytest.raises(ProtectionError, match="names no fields"):
        Desk(FIELD, service("acme")).opened(Record("orders", b"{}", headers=(("acklab.encrypted.fields", header),)))


def test_what_nobody_encrypted_is_read_as_it_is() -> None:
    record = Record("orders", json.dumps({"card": "enc1:nonsense"}).encode())

    assert Desk(FIELD, service("acme")).opened(record) == record


@given(
    st.binary(max_size=60),
    st.lists(st.tuples(st.sampled_from(HEADERS), st.binary(max_size=20)), max_size=4),
    st.binary(max_size=20),
)
def test_whatever_somebody_writes_a_reader_gets_a_record_or_is_told_why_not(
    value: bytes, headers: list[tuple[str, bytes]], key: bytes
) -> None:
    try:
        Desk(FIELD, service("acme")).opened(Record("orders", value, key, headers=tuple(headers)))
    except (ProtectionError, KeyServiceError, SerializationError):
        return


@pytest.mark.parametrize("said", ["7", "[]", '"zz"', "null"])
def test_a_key_that_was_encrypted_by_somebody_else_and_is_no_bytes_is_refused(said: str) -> None:
    keys = service("acme")
    answer = keys.answer(NewDataKey("acme"))
    assert isinstance(answer, DataKey)
    sealed = seal_field(json.loads(said), "key", Writing(answer, bytes(12)))
    record = Record("orders", None, sealed.encode(), headers=((KEY_HEADER, b"1"),))

    with pytest.raises(ProtectionError, match="key: was encrypted, and is no bytes"):
        Desk(FIELD, keys).opened(record)
