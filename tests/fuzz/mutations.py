"""Whole bytes made wrong, by kinds: bits that flip, bytes cut out, put in, said twice, lengths that lie."""

from __future__ import annotations

from hypothesis import strategies as st

LENGTHS = [
    value.to_bytes(size, signed=True)
    for size, values in {
        1: (-1, 0, 1, 127, -128),
        2: (-1, -2, 0x7FFF, -0x8000, 0),
        4: (-1, -2, 0x7FFFFFFF, -0x80000000, 0, 0x10000000),
        8: (-1, 0x7FFFFFFFFFFFFFFF, -0x8000000000000000),
    }.items()
    for value in values
] + [b"\xff\xff\xff\xff\x0f", b"\xff\xff\xff\xff\x07", b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", b"\xff\x7f"]
"""As numbers of a fixed size, and as varints: the largest, the smallest, null, one that does not end."""


@st.composite
def mutated(draw: st.DrawFn, whole: bytes) -> bytes:
    """Draw what one to three mutations make of it."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(data)))
        size = draw(st.integers(0, 8))
        match draw(st.sampled_from(("cut", "cut off", "insert", "length", "again", "flip"))):
            case "cut":
                del data[place : place + size]
            case "cut off":
                del data[place:]
            case "insert":
                data[place:place] = draw(st.binary(min_size=1, max_size=8))
            case "length":
                lie = draw(st.sampled_from(LENGTHS))
                data[place : place + len(lie)] = lie
            case "again":
                data[place:place] = data[place : place + size] * draw(st.integers(1, 100))
            case _:
                data[place : place + 1] = bytes(byte ^ 1 << draw(st.integers(0, 7)) for byte in data[place : place + 1])
    return bytes(data)
