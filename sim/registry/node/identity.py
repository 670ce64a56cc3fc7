"""What registries tell each other through their group: who each is, and who of them leads (Confluent's SchemaRegistryProtocol)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from producer.errors import MalformedError

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1


class Identity(NamedTuple):
    """One registry."""

    host: str
    port: int
    is_eligible: bool = True
    """Whether it may lead (leader.eligibility)."""
    is_leader: bool = False
    """Whether it leads as it joins: who leads goes on leading as long as it is a member."""

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def as_json(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "host": self.host,
            "port": self.port,
            "master_eligibility": self.is_eligible,
            "scheme": "http",
            "leader": self.is_leader,
        }

    @classmethod
    def of(cls, told: Any) -> Self:
        """Read one. Raises MalformedError."""
        try:
            return cls(str(told["host"]), int(told["port"]), bool(told["master_eligibility"]), bool(told.get("leader")))
        except (LookupError, TypeError, ValueError) as error:
            msg = f"a registry's identity is {str(told)[:100]!r}"
            raise MalformedError(msg) from error


def write_metadata(identity: Identity) -> bytes:
    """Say who joins."""
    return json.dumps(identity.as_json(), separators=(",", ":")).encode()


def read_metadata(data: bytes) -> Identity:
    """Read who joins. Raises MalformedError."""
    return Identity.of(_loads(data))


def write_assignment(leader: Identity | None, member_id: str) -> bytes:
    """Say who leads; None for nobody."""
    told = {
        "version": VERSION,
        "error": 0,
        "master": member_id if leader is not None else None,
        "master_identity": None if leader is None else leader.as_json(),
    }
    return json.dumps(told, separators=(",", ":")).encode()


def read_assignment(data: bytes) -> Identity | None:
    """Read who leads. Raises MalformedError."""
    told = _loads(data)
    if not isinstance(told, dict):
        msg = f"an assignment of registries is {data[:100]!r}"
        raise MalformedError(msg)
    found = told.get("master_identity")
    return None if found is None else Identity.of(found)


def elect(members: Mapping[str, Identity]) -> tuple[str, Identity | None]:
    """Choose who leads, by member id: who leads already, or else, or if two do, the one with the smallest URL."""
    eligible = sorted([(one.url, member_id, one) for member_id, one in members.items() if one.is_eligible])
    leading = [row for row in eligible if row[2].is_leader]
    rows = leading if len(leading) == 1 else eligible
    return (rows[0][1], rows[0][2]) if rows else ("", None)


def _loads(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        msg = f"a registry says {data[:100]!r}, which is no JSON"
        raise MalformedError(msg) from error
