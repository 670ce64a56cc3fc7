"""A line of a screen as spans of text, each with its role: what draws it, in colours or without, comes later."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple


class Tone(Enum):
    """What a span is, whatever colour that gets."""

    PLAIN = "plain"
    DIM = "dim"
    HEADING = "heading"
    GOOD = "good"
    BAD = "bad"
    UNSURE = "unsure"
    FAULT = "fault"
    LEADER = "leader"
    FOLLOWER = "follower"
    PRODUCER = "producer"
    NOW = "now"
    KEY = "key"


class Span(NamedTuple):
    """A piece of a line."""

    text: str
    tone: Tone = Tone.PLAIN


Line = tuple[Span, ...]
NOTHING: Line = ()


def line(*parts: str | Span) -> Line:
    """Build a line; bare text is plain."""
    return tuple(Span(part) if isinstance(part, str) else part for part in parts)


def text_of(one: Line) -> str:
    """Give a line without its tones."""
    return "".join(span.text for span in one)


def width_of(one: Line) -> int:
    """How many characters a line has."""
    return sum(len(span.text) for span in one)


def padded(one: Line, width: int) -> Line:
    """Fill or cut a line to exactly that many characters; what is cut ends in …."""
    taken = width_of(one)
    if taken <= width:
        return (*one, Span(" " * (width - taken)))
    kept: list[Span] = []
    left = max(width - 1, 0)
    for span in one:
        piece = span.text[:left]
        kept.append(Span(piece, span.tone))
        left -= len(piece)
        if not left:
            break
    return (*kept, Span("…" if width else "", Tone.DIM))


def shortened(words: str, room: int) -> str:
    """Cut words to a room. What is cut ends in …, and never behind a digit: a part of a number is another number."""
    if len(words) <= room:
        return words
    return f"{words[: max(room - 1, 0)].rstrip('0123456789')}…" if room else ""


def fitted(forms: Iterable[Line], width: int) -> Line:
    """Give the first form of a line that fits, the roomiest standing first; the last if none does. A width of 0 is any."""
    for one in forms:
        if not width or width_of(one) <= width:
            break
    return one


def laid(one: Line, width: int, *, indent: int) -> list[Line]:
    """Lay a line out over as many as it needs, later ones indented; every piece keeps its tone."""
    text = text_of(one)
    lines: list[Line] = []
    end = 0
    for place, piece in enumerate(wrapped(text, width, indent=" " * indent)):
        words = piece[indent:] if place else piece
        begin = text.index(words, end)
        end = begin + len(words)
        lines.append((Span(" " * indent), *_cut_out(one, begin, end)) if place else _cut_out(one, begin, end))
    return lines


def _cut_out(one: Line, begin: int, end: int) -> Line:
    """Give the characters from `begin` up to, without, `end`."""
    kept: list[Span] = []
    for span in one:
        if begin < len(span.text) and end > 0:
            kept.append(Span(span.text[max(begin, 0) : end], span.tone))
        begin, end = begin - len(span.text), end - len(span.text)
    return tuple(kept)


def wrapped(text: str, width: int, *, indent: str = "") -> list[str]:
    """Wrap text to a width, later lines indented."""
    import textwrap

    return textwrap.wrap(text, max(width, 20), subsequent_indent=indent, break_on_hyphens=False) or [""]
