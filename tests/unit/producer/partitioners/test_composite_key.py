"""A composite key gives its parts back, whatever bytes they are, and no two look alike."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from producer.errors import UsageError
from producer.partitioners.composite_key import CompositeKey

# Bytes that need care, and some that do not.
parts = st.lists(st.sampled_from([b"|", b"\\", b"\n", b"a", b"\xff"]), max_size=6).map(b"".join)
composites = st.builds(CompositeKey, parts, parts)


@given(composites)
@example(CompositeKey(b"a|", b"b"))
@example(CompositeKey(b"a\\", b"|b"))
def test_the_parts_come_back(composite: CompositeKey) -> None:
    assert CompositeKey.decode(composite.encode()) == composite


@given(composites, composites)
@example(CompositeKey(b"a", b"b|c"), CompositeKey(b"a|b", b"c"))
def test_different_ones_look_different(one: CompositeKey, other: CompositeKey) -> None:
    assert (one.encode() == other.encode()) == (one == other)


def test_a_plain_key_reads_as_it_is_written() -> None:
    assert CompositeKey(b"customer-42", b"cart-7").encode() == b"customer-42|cart-7"


@pytest.mark.parametrize("data", [b"", b"customer-42", rb"customer-42\|cart-7", rb"a\b|c"])
def test_what_is_no_composite_key_is_named(data: bytes) -> None:
    with pytest.raises(UsageError, match="is no composite key") as raised:
        CompositeKey.decode(data)

    assert repr(data) in str(raised.value)
