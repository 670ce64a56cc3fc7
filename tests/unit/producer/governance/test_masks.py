"""Each way to hide a field keeps its type, is the same each time, and says why not without saying what."""

import string
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.governance.protection.key_material import KeyMaterial
from producer.governance.protection.masks.generalise import Keep, Step, Truncate
from producer.governance.protection.masks.keyed_hash import KeyedHash
from producer.governance.protection.masks.mask import Mask, UnfitError
from producer.governance.protection.masks.redact import Redact
from producer.governance.protection.masks.tokenise import Tokenise

KEY, OTHER = KeyMaterial(bytes(range(32))), KeyMaterial(bytes(32))


@pytest.mark.parametrize(
    "value, left",
    [("Ada", "***"), (7, 0), (1.5, 0.0), (True, False), (b"x", b""), (["a"], []), ({"a": 1}, {})],
)
def test_redacted_values_are_of_their_type_and_nothing_else(value: Any, left: Any) -> None:
    hidden = Redact().hide(value)

    assert (hidden, type(hidden)) == (left, type(left))


def test_hashes_are_equal_for_equal_values_under_one_key_and_domain_alone() -> None:
    hashed = KeyedHash(KEY, domain="a").hide("ada@example.org")

    assert hashed == KeyedHash(KEY, domain="a").hide("ada@example.org")
    assert (
        len({hashed, KeyedHash(OTHER, domain="a").hide("ada@example.org"), KeyedHash(KEY).hide("ada@example.org")}) == 3
    )
    assert len(KeyedHash(KEY, length=16).hide("x")) == 16


@pytest.mark.parametrize("value", ["4111-1111-1111-1111", "0000 0000 0000 0001", 123_456_789, -1_000_000])
def test_tokens_keep_length_punctuation_sign_and_count_of_digits(value: Any) -> None:
    mask = Tokenise(KEY, domain="card", alphabet="digits")
    token = mask.hide(value)

    assert type(token) is type(value)
    assert token != value
    assert [one.isdigit() for one in str(token)] == [one.isdigit() for one in str(value)]
    assert [one for one in str(token) if not one.isdigit()] == [one for one in str(value) if not one.isdigit()]
    assert mask.undo(token) == value
    assert Tokenise(KEY, domain="card", alphabet="digits").hide(value) == token
    assert Tokenise(OTHER, domain="card", alphabet="digits").hide(value) != token


@given(st.text(string.ascii_letters + string.digits + "@.-_ ", min_size=1, max_size=60))
def test_no_two_values_have_one_token(value: str) -> None:
    mask = Tokenise(KEY)
    try:
        token = mask.hide(value)
    except UnfitError:
        assert sum(one.isalnum() for one in value) < 4
        return

    assert mask.undo(token) == value


@pytest.mark.parametrize(
    "mask, value, left",
    [
        (Step(10), 47, 40),
        (Step(0.5), 1.7, 1.5),
        (Step(10), -1, -10),
        (Truncate("year"), "1984-05-17", "1984-01-01"),
        (Truncate("day"), "2026-12-01T00:49:52Z", "2026-12-01T00:00:00Z"),
        (Truncate("hour"), "2026-12-01T10:49:52.5+02:00", "2026-12-01T10:00:00+02:00"),
        (Truncate("month"), date(1984, 5, 17), date(1984, 5, 1)),
        (Truncate("day"), datetime(2026, 12, 1, 3, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)),
        (Truncate("day"), 86_400_000 * 3 + 5, 86_400_000 * 3),
        (Keep(3), "80331", "803**"),
        (Keep(3), "803", "***"),
    ],
)
def test_generalised_values_tell_less_and_no_lie(mask: Mask, value: Any, left: Any) -> None:
    hidden = mask.hide(value)

    assert (hidden, type(hidden)) == (left, type(left))


SECRET = "Grüße-s3cret"


@pytest.mark.parametrize(
    "mask, value",
    [
        (Redact(), object()),
        (KeyedHash(KEY), 987654321),
        (Tokenise(KEY), SECRET),
        (Tokenise(KEY, alphabet="digits"), "98765"),
        (Tokenise(KEY), True),
        (Tokenise(KEY), 98765),
        (Step(10), SECRET),
        (Truncate("day"), SECRET),
        (Truncate("day"), 10**30),
        (Keep(2), 98765),
    ],
)
def test_what_cannot_be_hidden_so_is_refused_without_being_told(mask: Mask, value: Any) -> None:
    with pytest.raises(UnfitError) as raised:
        mask.hide(value)

    assert SECRET not in str(raised.value)
    assert "98765" not in str(raised.value)
