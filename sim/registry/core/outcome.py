"""What an operation comes to: the answer, and the records that must be in the log before it may be given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sim.registry.core.errors import RegistryCode, RegistryError
from sim.registry.core.records import is_too_large

if TYPE_CHECKING:
    from sim.registry.core.records import Record


class Outcome(NamedTuple):
    """Done, once every one of `writes` was appended in order, and read back."""

    answer: Any
    """As JSON has it; text is `Text`."""
    writes: tuple[Record, ...] = ()


class Text(str):
    """An answer that goes out as it is, not as JSON: a schema's own text."""

    __slots__ = ()


def written(answer: Any, *records: Record) -> Outcome:
    """Give an outcome with writes. Raises RegistryError 42209 for a record that no producer would send."""
    for record in records:
        if is_too_large(record):
            raise RegistryError(RegistryCode.SCHEMA_TOO_LARGE, "Register operation failed because schema is too large")
    return Outcome(answer, records)
