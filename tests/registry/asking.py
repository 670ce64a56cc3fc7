"""A registry, asked as HTTP clients ask it, without a socket."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from sim.registry.registry import Registry
from sim.registry.rest.messages import Request


class Said(NamedTuple):
    """An answer."""

    status: int
    body: Any

    @property
    def code(self) -> int:
        """Confluent's error code; 0 for none."""
        return int(self.body["error_code"]) if isinstance(self.body, dict) and "error_code" in self.body else 0


class Asking:
    """Asks one registry."""

    def __init__(self, registry: Registry | None = None) -> None:
        self.registry = registry or Registry()

    def ask(self, method: str, target: str, body: Any = None) -> Said:
        """Ask; a `body` that is not bytes goes as JSON."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        reply = self.registry.handle(Request(method, target, data, "application/vnd.schemaregistry.v1+json"))
        return Said(int(reply.status), json.loads(reply.body))

    def get(self, target: str) -> Any:
        said = self.ask("GET", target)
        assert said.status == 200, said
        return said.body

    def register(self, subject: str, schema: str, query: str = "", **more: Any) -> int:
        """Register what is accepted; gives its id."""
        said = self.ask("POST", f"/subjects/{subject}/versions{query}", {"schema": schema, **more})
        assert said.status == 200, said
        return int(said.body["id"])

    def done(self, method: str, target: str, body: Any = None) -> Any:
        """Ask for what is done, and give the answer."""
        said = self.ask(method, target, body)
        assert said.status == 200, said
        return said.body


def record(name: str = "Order", **fields: Any) -> str:
    """Write an Avro record. A field is a type, or a pair of a type and a default."""
    told = [
        {"name": field, "type": one[0], "default": one[1]} if isinstance(one, tuple) else {"name": field, "type": one}
        for field, one in fields.items()
    ]
    return json.dumps({"type": "record", "name": name, "fields": told})


ORDER = record(id="long")
ORDER_WITH_DEFAULT = record(id="long", note=("string", ""))
ORDER_WITHOUT = record(id="long", note="string")
