"""What became of values in a run with schemas: which had no bytes, and of which bytes readers made no value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from sim.judges.history import History


class SchemaCounts(NamedTuple):
    """Of one client: an application's life whose values had no bytes, or a reader that could make no values."""

    client: str
    not_serialized: int
    """Values of which its serializer made nothing: nothing was sent of them."""
    unreadable: int
    """Records of which it could make no value, at one time at least."""
    why: str
    """What it was told first."""

    def __str__(self) -> str:
        """Say it behind the client's name."""
        what = f"{self.not_serialized} not serialized" if self.not_serialized else f"{self.unreadable} not readable"
        return f"{self.client}: {what}, the first one because {self.why}"

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return self._asdict()


def schema_counts(history: History) -> tuple[SchemaCounts, ...]:
    """Count, client by client in the order of the trace; nobody of whom there is nothing to say."""
    not_serialized: dict[str, list[str]] = {}
    for record, why in history.schemas.not_serialized.items():
        not_serialized.setdefault(record.client, []).append(why)
    unreadable: dict[str, dict[tuple[str, int, int], str]] = {}
    for one in history.schemas.unreadable:
        unreadable.setdefault(one.client, {}).setdefault((one.topic, one.partition, one.offset), one.why)
    return (
        *(SchemaCounts(client, len(reasons), 0, reasons[0]) for client, reasons in not_serialized.items()),
        *(SchemaCounts(client, 0, len(found), next(iter(found.values()))) for client, found in unreadable.items()),
    )
