"""The whole glossary: by subject, by name, and by what stands in a line of text."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache

from sim.tui.glossary.cluster import CLUSTER
from sim.tui.glossary.governance import GOVERNANCE
from sim.tui.glossary.judging import JUDGING
from sim.tui.glossary.producer import PRODUCER
from sim.tui.glossary.screen import SCREEN
from sim.tui.glossary.transactions import TRANSACTIONS
from sim.tui.glossary.word import Word

SUBJECTS: tuple[tuple[str, tuple[Word, ...]], ...] = (
    ("The cluster", CLUSTER),
    ("The producer", PRODUCER),
    ("Transactions and groups", TRANSACTIONS),
    ("Promises, verdicts, faults", JUDGING),
    ("Who may do what", GOVERNANCE),
    ("The screens", SCREEN),
)
"""In the order in which they are printed."""
WORDS: tuple[Word, ...] = tuple(word for _, words in SUBJECTS for word in words)
"""All of them."""
NEAR_MAX = 3
_SHORT = 4
"""A name of fewer letters is found as it is written alone: LSO is no lso."""
_NEVER = r"(?!)"


class UnknownWordError(Exception):
    """The glossary has no such word: the message names the nearest."""


def word_named(wanted: str) -> Word:
    """Give the entry of a word, whatever its case, or of how it stands on a screen. Raises UnknownWordError."""
    plain = wanted.strip()
    for word in WORDS:
        if word.name == plain:
            return word
    for word in WORDS:
        if word.name.lower() == plain.lower():
            return word
    for word in WORDS:
        if any(re.fullmatch(pattern, plain, re.IGNORECASE) for pattern in word.seen):
            return word
    names = {word.name.lower(): word.name for word in WORDS}
    near = [names[one] for one in get_close_matches(plain.lower(), names, n=NEAR_MAX, cutoff=0.6)]
    near += [word.name for word in WORDS if plain and plain.lower() in word.name.lower() and word.name not in near]
    hint = f"did you mean {' or '.join(near[:NEAR_MAX])}?" if near else "acklab glossary lists them all"
    raise UnknownWordError(f"the glossary has no {wanted!r}: {hint}")


def matching(wanted: str) -> tuple[Word, ...]:
    """Give the entries that hold each of the words in name, meaning or source; those whose name does come first."""
    parts = wanted.lower().split()
    found = [
        word for word in WORDS if all(part in f"{word.name} {word.meaning} {word.source}".lower() for part in parts)
    ]
    return tuple(sorted(found, key=lambda word: not all(part in word.name.lower() for part in parts)))


def words_in(text: str) -> tuple[Word, ...]:
    """Give the entries of what stands in a text, each once, in its order; of two in one place the longer."""
    found = sorted(
        (match.start(), -len(match[0]), place)
        for place, pattern in enumerate(_patterns())
        for match in pattern.finditer(text)
    )
    end = 0
    kept: dict[str, Word] = {}
    for start, length, place in found:
        if start >= end:
            end = start - length
            kept.setdefault(WORDS[place].name, WORDS[place])
    return tuple(kept.values())


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """One pattern for each entry, in their order."""
    return tuple(_pattern(word) for word in WORDS)


def _pattern(word: Word) -> re.Pattern[str]:
    forms = list(word.seen)
    if word.is_named:
        name = re.escape(word.name)
        # A heading is one as it is written alone; another word may begin a sentence.
        forms.append(name if word.name != word.name.lower() or len(word.name) < _SHORT else f"(?i:{name})")
    return re.compile("|".join(rf"(?<!\w)(?:{form})(?!\w)" for form in forms) or _NEVER)
