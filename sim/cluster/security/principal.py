"""On whose behalf a request is made (Kafka's KafkaPrincipal): a kind and a name, as in `User:alice`."""

from __future__ import annotations

from typing import NamedTuple

USER = "User"
"""The kind of every principal that a listener makes (KafkaPrincipal.USER_TYPE)."""


class Principal(NamedTuple):
    """Who asks. Its text is that of Kafka's ACLs and tools: `User:alice`."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


ANONYMOUS = Principal(USER, "ANONYMOUS")
"""Whoever comes by a listener that asks for no proof (KafkaPrincipal.ANONYMOUS)."""


def parse_principal(text: str) -> Principal:
    """Read `User:alice`; a name may hold colons, a kind may not.

    Raises ValueError for a text without a colon (SecurityUtils.parseKafkaPrincipal).
    """
    kind, colon, name = text.partition(":")
    if not colon:
        msg = f"principal is {text!r}, must be a kind, a colon and a name, as in User:alice"
        raise ValueError(msg)
    return Principal(kind, name)
