"""Whatever is done to an audit afterwards is found, and the first broken line is named; what a crash leaves is told, and gone on behind."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.governance.audit.chain import BEGIN, GENESIS, Head, canonical, seal, unsealed
from producer.governance.audit.lines import Intent, Outcome, Who
from producer.governance.audit.trail import AuditBrokenError, AuditTrail, resumed
from producer.governance.audit.verify import verify

WHO = Who("User:billing", "billing-1", "10.0.0.7")
RECORDS = 5


def kept() -> list[bytes]:
    """An audit of five records: an intent and an outcome each."""
    trail, lines = AuditTrail(WHO), []
    for number in range(1, RECORDS + 1):
        lines.append(trail.intent(1_000 + number, Intent(number, "orders", None, "7")))
        lines.append(trail.outcome(2_000 + number, Outcome(number, "acknowledged", "orders", 0, number - 1, None)))
    return lines


LINES = kept()
LAST = len(LINES)


def broken(lines: list[bytes], known: Head | None = None) -> tuple[int, str] | None:
    breach = verify(b"".join(lines), known).breach
    return breach and (breach.line, breach.how)


def sealed_anew(line: bytes, **changes: str | int) -> bytes:
    """The same line with something else in it, and a hash that is right."""
    read = unsealed(line.rstrip(b"\n"))
    assert read is not None
    return seal({**read.fields, **changes}, Head(read.number - 1, read.previous))[0]


def test_what_nobody_touched_is_whole() -> None:
    seen = verify(b"".join(LINES))

    assert (seen.breach, seen.lines, seen.torn_bytes, seen.without_outcome) == (None, LAST, 0, ())
    assert seen.head.number == LAST - 1
    assert verify(b"".join(LINES), seen.head).breach is None
    assert verify(b"").head == BEGIN


@pytest.mark.parametrize("place", range(LAST))
def test_a_changed_line_is_named(place: int) -> None:
    changed = LINES[place].replace(b'"topic":"orders"', b'"topic":"others"')

    assert broken([*LINES[:place], changed, *LINES[place + 1 :]]) == (place + 1, "changed")


@pytest.mark.parametrize("place", range(LAST - 1))
def test_a_line_that_was_changed_and_sealed_anew_breaks_the_next(place: int) -> None:
    changed = sealed_anew(LINES[place], topic="others")

    assert broken([*LINES[:place], changed, *LINES[place + 1 :]]) == (place + 2, "changed")


@pytest.mark.parametrize("place", range(LAST - 1))
def test_a_removed_line_is_named(place: int) -> None:
    assert broken([*LINES[:place], *LINES[place + 1 :]]) == (place + 1, "removed")


@pytest.mark.parametrize("place", range(LAST))
def test_an_inserted_copy_is_named(place: int) -> None:
    assert broken([*LINES[: place + 1], LINES[place], *LINES[place + 1 :]]) == (place + 2, "inserted")


@pytest.mark.parametrize("place", range(LAST))
def test_an_invented_line_is_named_where_it_stands(place: int) -> None:
    behind = BEGIN if not place else unsealed(LINES[place - 1].rstrip(b"\n")).head  # type: ignore[union-attr]
    invented = seal({"kind": "outcome", "record": 99}, behind)[0]

    found = broken([*LINES[:place], invented, *LINES[place:]])

    # Before the last one nothing shows which of the two the chain went on behind.
    assert found == ((place + 1, "inserted") if place < LAST - 1 else (place + 2, "inserted"))


@pytest.mark.parametrize("place", range(LAST - 1))
def test_swapped_lines_are_named(place: int) -> None:
    swapped = [*LINES[:place], LINES[place + 1], LINES[place], *LINES[place + 2 :]]

    assert broken(swapped) == (place + 1, "swapped")


@pytest.mark.parametrize("left", range(LAST))
def test_a_cut_at_the_end_is_found_against_a_known_head_alone(left: int) -> None:
    known = verify(b"".join(LINES)).head

    assert broken(LINES[:left]) is None
    assert broken(LINES[:left], known) == (left + 1, "cut")


def test_a_chain_that_was_written_anew_is_found_against_a_known_head_alone() -> None:
    known = verify(b"".join(LINES)).head
    trail = AuditTrail(WHO)
    anew = [trail.intent(0, Intent(number, "others", None)) for number in range(LAST)]

    assert broken(anew) is None
    assert broken(anew, known) == (LAST, "changed")


@given(st.data())
def test_no_single_byte_can_be_another(data: st.DataObject) -> None:
    text = bytearray(b"".join(LINES))
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] ^= data.draw(st.integers(1, 255))

    seen = verify(bytes(text), verify(b"".join(LINES)).head)

    assert seen.breach is not None


@pytest.mark.parametrize(
    "line",
    [b"", b"{}", b"[]", b"5", b'{"hash":1}', b"\xff", b"[" * 5_000, b'{"hash": "a", "number": 0, "previous": "b"}'],
)
def test_what_is_no_line_is_none(line: bytes) -> None:
    assert unsealed(line) is None
    assert broken([line + b"\n"]) == (1, "changed")


def test_a_line_with_other_blanks_or_order_is_changed_though_it_says_the_same() -> None:
    read = json.loads(LINES[0])

    assert broken([json.dumps(read).encode() + b"\n"]) == (1, "changed")


def test_a_field_of_the_chain_is_refused() -> None:
    with pytest.raises(ValueError, match="'previous' is a field of the chain"):
        seal({"previous": GENESIS}, BEGIN)


@pytest.mark.parametrize("text", ["", "5", "5:abc", f"-1:{GENESIS}", f"x:{GENESIS}", "0:" + "G" * 64])
def test_a_head_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no head"):
        Head.parse(text)


def test_a_head_is_read_as_it_is_written() -> None:
    head = verify(LINES[0]).head

    assert Head.parse(str(head)) == head


# -- what a crash leaves -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", range(1, len(LINES[-1])))
def test_a_torn_last_line_is_no_breach_and_the_chain_goes_on_behind_the_last_whole_one(cut: int) -> None:
    text = b"".join(LINES)[:-cut]

    seen, found = verify(text), resumed(text, "audit")

    assert (seen.breach, seen.torn_bytes) == (None, len(LINES[-1]) - cut)
    assert found.opened.torn_bytes == seen.torn_bytes
    assert found.opened.without_outcome == 1
    trail = AuditTrail(WHO, found.head)
    text = text[: found.kept_bytes] + trail.opened(9_000, found.opened)
    assert verify(text).breach is None
    assert verify(text).without_outcome == (("billing-1", RECORDS),)


def test_an_intent_without_an_outcome_stays_unknown_though_the_next_life_counts_anew() -> None:
    trail = AuditTrail(WHO)
    text = trail.intent(1, Intent(1, "orders", 0))
    text += trail.opened(2, resumed(text, "audit").opened)
    text += trail.intent(3, Intent(1, "orders", 0)) + trail.outcome(4, Outcome(1, "failed", "orders", 0, None, "X"))

    assert verify(text).without_outcome == (("billing-1", 1),)


def test_who_finds_a_broken_chain_does_not_go_on_with_it() -> None:
    with pytest.raises(AuditBrokenError, match=r"audit.jsonl: line 2 was removed: line 1 is missing before it"):
        resumed(b"".join([LINES[0], *LINES[2:]]), "audit.jsonl")


def test_canonical_is_one_text_whatever_the_order_and_the_letters() -> None:
    assert canonical({"b": 1, "a": "\u00e9"}) == canonical({"a": "\u00e9", "b": 1}) == b'{"a":"\\u00e9","b":1}'
