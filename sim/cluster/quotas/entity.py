"""Whom a quota is for (Kafka's ClientQuotaEntity): a user, a client id, both, or an address; each by its name or by default."""

from __future__ import annotations

import re
from typing import NamedTuple

USER = "user"
CLIENT_ID = "client-id"
IP = "ip"
KINDS = (CLIENT_ID, IP, USER)
"""Of parts, in the order in which answers name them: Java's, by the hash of the word."""

DEFAULT_TEXT = "<default>"
"""How the default of a kind is written in text."""
NAME = r"[^\s=<>]+|<default>"
"""What stands behind the sign of equality in text."""

_PART = re.compile(rf"(?P<kind>[a-z-]+)=(?P<name>{NAME})")


class Part(NamedTuple):
    """One part of an entity."""

    kind: str
    """One of `KINDS`, once it was looked at."""
    name: str | None
    """None for the default: whoever has no quota by his name."""

    def __str__(self) -> str:
        return f"{self.kind}={DEFAULT_TEXT if self.name is None else self.name}"


class QuotaEntity(NamedTuple):
    """Whom a quota is for. Parts stand in the order of their kinds, so that equal entities are equal values."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return " ".join(map(str, self.parts))

    def has(self, kind: str) -> bool:
        """Whether a part is of that kind."""
        return any(part.kind == kind for part in self.parts)

    def name_of(self, kind: str) -> str | None:
        """Give the name of the part of that kind; None for the default. Raises LookupError where there is no such part."""
        for part in self.parts:
            if part.kind == kind:
                return part.name
        msg = f"{self} has no part of kind {kind}"
        raise LookupError(msg)


def entity_of(parts: dict[str, str | None]) -> QuotaEntity:
    """Put an entity together; whether there can be such a one is `limits.check_entity`'s matter."""
    return QuotaEntity(tuple([Part(kind, parts[kind]) for kind in sorted(parts)]))


def parse_entity(text: str) -> QuotaEntity:
    """Read what `str` of an entity writes: `client-id=noisy`, `user=alice client-id=<default>`. Raises ValueError."""
    parts: dict[str, str | None] = {}
    for word in text.split():
        match = _PART.fullmatch(word)
        if match is None or match["kind"] not in KINDS:
            msg = f"{word!r} is no part of a quota's entity: expected user=NAME, client-id=NAME or ip=NAME, NAME may be {DEFAULT_TEXT}"
            raise ValueError(msg)
        if match["kind"] in parts:
            msg = f"{text!r} names {match['kind']} twice"
            raise ValueError(msg)
        parts[match["kind"]] = None if match["name"] == DEFAULT_TEXT else match["name"]
    if not parts:
        msg = "a quota is for somebody: expected user=NAME, client-id=NAME, both, or ip=NAME"
        raise ValueError(msg)
    return entity_of(parts)
