"""What an entry of the glossary is."""

from __future__ import annotations

from typing import NamedTuple


class Word(NamedTuple):
    """One entry."""

    name: str
    meaning: str
    """In one or two sentences, for somebody who sees Kafka for the first time."""
    seen: tuple[str, ...] = ()
    """Regular expressions of how it stands on a screen, beside its name."""
    source: str = ""
    """Where Kafka says so: a property, a KIP, a class."""
    is_named: bool = True
    """Whether its bare name is it, wherever it stands; a word that means something else, too, is found by `seen` alone."""
