"""Names as a policy gives them: one name, or all that begin with it (`orders-*`), as Kafka's ACLs have literal and prefixed ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")

ANY = "*"


def matches(pattern: str, name: str) -> bool:
    """Whether a pattern means a name. `*` means all; only a star at the end is one."""
    return name.startswith(pattern[:-1]) if pattern.endswith(ANY) else name == pattern


def nearest(rows: Iterable[tuple[str, T]], name: str) -> T | None:
    """Give what stands beside the pattern that says most about a name: itself, else the longest beginning; None if none means it."""
    found = [(not pattern.endswith(ANY), len(pattern), row) for pattern, row in rows if matches(pattern, name)]
    return max(found, key=lambda one: one[:2])[2] if found else None
