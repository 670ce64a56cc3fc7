"""The same request to a registry that others use, too: subjects and records have names of their own, and ids are as they come."""

import json
import re
import urllib.error
import urllib.request
from typing import Any
from uuid import uuid4

from tests.registry.asking import Said

TYPE = "application/vnd.schemaregistry.v1+json"
PATIENCE_S = 60
NO_ID = 2_147_483_647
"""Of no schema."""


class AskingApart:
    """Asks one registry over HTTP; the subjects `s` and `t`, the records of the table and the id 1 are its own there."""

    def __init__(self, at: str) -> None:
        self._at = at
        self._mine = uuid4().hex[:12]
        self._id = NO_ID

    def ask(self, method: str, target: str, body: Any = None) -> Said:
        """Ask; a `body` that is not bytes goes as JSON."""
        said = self._asked(method, self._placed(target), self._named(body))
        if method == "POST" and said.status == 200 and "id" in said.body:
            self._id = said.body["id"]
        return said

    def _placed(self, target: str) -> str:
        path = re.sub(r"/([st])(?=/|\?|$)", rf"/\g<1>-{self._mine}", target)
        return re.sub(r"^/schemas/ids/1(?=/|$)", f"/schemas/ids/{self._id}", path)

    def _named(self, body: Any) -> Any:
        """Name subjects and records anew: to this registry a schema is the same whatever the subject."""
        if not isinstance(body, dict):
            return body
        references = [
            {**one, "name": one["name"] + self._mine, "subject": f"{one['subject']}-{self._mine}"}
            for one in body.get("references", [])
        ]
        named = {**body, "references": references} if references else body
        if "schema" in named:
            text = re.sub(r'"(Order|Shipment)"', rf'"\g<1>{self._mine}"', named["schema"])
            named = {**named, "schema": text}
        return named

    def _asked(self, method: str, target: str, body: Any) -> Said:
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._at + target, data, {"Content-Type": TYPE}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as refusal:
            status, text = refusal.code, refusal.read()
        return Said(status, json.loads(text or b"null"))
