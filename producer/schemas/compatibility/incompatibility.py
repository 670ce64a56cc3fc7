"""What stands between a reader and a writer."""

from __future__ import annotations

from typing import NamedTuple


class Incompatibility(NamedTuple):
    """One reason why a reader cannot read all that a writer writes."""

    path: str
    """Where in the schema: a field by its full name, or a JSON pointer into a JSON Schema."""
    rule: str
    """In Confluent's and Avro's words, such as READER_FIELD_MISSING_DEFAULT_VALUE."""
    message: str
    """What is wrong there, with the values."""

    def __str__(self) -> str:
        """As one line."""
        return f"{self.path}: {self.message} ({self.rule})"
