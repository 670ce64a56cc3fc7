"""The registry of `mock://`, that tests are run against: it takes anything (Confluent's MockSchemaRegistryClient).

It lives in the process of whoever asks, and answers at once. It checks nothing: no compatibility, not even whether a text is a
schema. A schema has another id in each subject. Who gives the same name shares one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from producer.errors import SchemaRegistryError
from sim.registry.core.errors import RegistryCode

if TYPE_CHECKING:
    from producer.serialization.registry.calls import Call

MOCK = "mock://"
"""What its URL begins with."""


class _Kept(NamedTuple):
    """One schema under one subject."""

    subject: str
    version: int
    schema_id: int
    body: dict[str, Any]
    """As it was sent: text, type and references."""

    @property
    def told(self) -> dict[str, Any]:
        return {**self.body, "subject": self.subject, "version": self.version, "id": self.schema_id}


class MockRegistry:
    """What was registered, by subject and version."""

    def __init__(self) -> None:
        self._kept: list[_Kept] = []

    def answer(self, call: Call) -> Any:
        """Give the JSON of the answer to what serializers ask. Raises SchemaRegistryError as a registry would refuse it."""
        path = [unquote(part) for part in urlsplit(call.path).path.strip("/").split("/")]
        match call.method, path:
            case "POST", ["subjects", subject, "versions"]:
                return self._registered(subject, json.loads(call.body or b"{}")).told
            case "POST", ["subjects", subject]:
                body = json.loads(call.body or b"{}")
                found = [one for one in self._kept if (one.subject, one.body) == (subject, body)]
            case "GET", ["subjects", subject, "versions", version]:
                found = [
                    one for one in self._kept if one.subject == subject and version in {"latest", str(one.version)}
                ]
            case "GET", ["schemas", "ids", number]:
                found = [one for one in self._kept if str(one.schema_id) == number]
            case _:
                found = []
        if not found:
            raise SchemaRegistryError(
                str(call), status=404, error_code=int(RegistryCode.SCHEMA_NOT_FOUND), detail="Schema not found"
            )
        return found[-1].told

    def _registered(self, subject: str, body: dict[str, Any]) -> _Kept:
        of_subject = [one for one in self._kept if one.subject == subject]
        known = next((one for one in of_subject if one.body == body), None)
        if known is not None:
            return known
        new = _Kept(subject, len(of_subject) + 1, len(self._kept) + 1, body)
        self._kept.append(new)
        return new
