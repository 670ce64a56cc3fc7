"""The glossary on the screen: a line a word, and the chosen one whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.tui.lines import Line, Span, Tone, laid, line, padded, width_of

if TYPE_CHECKING:
    from sim.tui.glossary.word import Word

NAME = 22


def glossary_typed_line(wanted: str, shown: int, *, width: int) -> Line:
    """What was typed, and how many words it leaves."""
    left = line(Span("▸ ", Tone.HEADING), Span("type to look a word up", Tone.DIM))
    right = line(Span("Esc goes back", Tone.DIM))
    if wanted:
        left = line(Span("▸ ", Tone.HEADING), Span(wanted, Tone.HEADING), Span("▏", Tone.HEADING))
        right = line(Span(f"{shown} found, Esc shows all", Tone.UNSURE))
    return (*padded(left, max(width - width_of(right) - 2, 10)), Span("  "), *right)


def word_line(word: Word, *, width: int) -> Line:
    """One word, and as much of what it means as there is room for."""
    return padded(line(Span(f"{word.name:<{NAME}} ", Tone.KEY), Span(word.meaning, Tone.DIM)), width)


def meaning_lines(word: Word | None, *, width: int) -> list[Line]:
    """One word whole: what it means, and where Kafka says so."""
    if word is None:
        return [line(Span("no word holds all of that", Tone.UNSURE), Span("  Esc shows all", Tone.DIM))]
    lines = [line(Span(word.name, Tone.HEADING)), *laid(line(Span(f"  {word.meaning}")), width, indent=2)]
    if word.source:
        lines.append(line(Span(f"  see {word.source}", Tone.DIM)))
    return lines
