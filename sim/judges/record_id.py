"""Which record: what judges call it among those of a run."""

from __future__ import annotations

from typing import NamedTuple


class RecordId(NamedTuple):
    """Which record: its client and its number there. Neither its number alone nor its bytes tell it from another client's."""

    client: str
    number: int
