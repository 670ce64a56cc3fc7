"""FF1 gives what NIST's sample vectors say (FF1samples.pdf of SP 800-38G), and back."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.errors import UsageError
from producer.governance.protection.ff1 import FF1

KEYS = {
    128: bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3C"),
    192: bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F"),
    256: bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94"),
}
TWEAK_10 = bytes.fromhex("39383736353433323130")
TWEAK_36 = bytes.fromhex("3737373770717273373737")
LETTERS = string.digits + string.ascii_lowercase

SAMPLES = [
    (128, 10, b"", "0123456789", "2433477484"),
    (128, 10, TWEAK_10, "0123456789", "6124200773"),
    (128, 36, TWEAK_36, "0123456789abcdefghi", "a9tv40mll9kdu509eum"),
    (192, 10, b"", "0123456789", "2830668132"),
    (192, 10, TWEAK_10, "0123456789", "2496655549"),
    (192, 36, TWEAK_36, "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"),
    (256, 10, b"", "0123456789", "6657667009"),
    (256, 10, TWEAK_10, "0123456789", "1001623463"),
    (256, 36, TWEAK_36, "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"),
]


def digits(text: str) -> list[int]:
    return [LETTERS.index(one) for one in text]


@pytest.mark.parametrize("bits, radix, tweak, plain, cipher", SAMPLES)
def test_nist_s_samples(bits: int, radix: int, tweak: bytes, plain: str, cipher: str) -> None:
    ff1 = FF1(KEYS[bits], radix)

    assert ff1.encrypt(digits(plain), tweak) == digits(cipher)
    assert ff1.decrypt(digits(cipher), tweak) == digits(plain)


@given(st.data())
def test_every_text_comes_back_and_keeps_its_length(data: st.DataObject) -> None:
    radix = data.draw(st.sampled_from([2, 10, 62, 256, 65536]))
    ff1 = FF1(KEYS[256], radix)
    text = data.draw(st.lists(st.integers(0, radix - 1), min_size=ff1.digits_min, max_size=80))
    tweak = data.draw(st.binary(max_size=40))

    made = ff1.encrypt(text, tweak)

    assert len(made) == len(text)
    assert ff1.decrypt(made, tweak) == text


@pytest.mark.parametrize("text", [[1] * 5, [1] * 5_000, [1, 2, 3, 4, 5, 10], [-1] * 6])
def test_what_could_be_tried_out_or_is_no_text_of_that_radix_is_refused(text: list[int]) -> None:
    with pytest.raises(UsageError, match="FF1 was given"):
        FF1(KEYS[128], 10).encrypt(text)


@pytest.mark.parametrize("key, radix", [(b"short", 10), (KEYS[128], 1), (KEYS[128], 65537)])
def test_a_key_or_radix_that_cannot_be_is_named(key: bytes, radix: int) -> None:
    with pytest.raises(UsageError, match=r"FF1's (key has 5 bytes|radix is)"):
        FF1(key, radix)
