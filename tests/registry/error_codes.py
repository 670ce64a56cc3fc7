"""Confluent's error codes: for each a request that is refused with it after some steps, and done after others."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.registry.asking import ORDER, ORDER_WITH_DEFAULT, ORDER_WITHOUT, record

Step = tuple[str, str, Any]
V = "/subjects/s/versions"
BODY = {"schema": ORDER}
REFERRING = {
    "schema": record("Shipment", order="Order"),
    "references": [{"name": "Order", "subject": "s", "version": 1}],
}
REGISTERED: tuple[Step, ...] = (("POST", V, BODY),)
DELETED: tuple[Step, ...] = (*REGISTERED, ("DELETE", f"{V}/1", None))
REFERRED: tuple[Step, ...] = (*REGISTERED, ("POST", "/subjects/t/versions", REFERRING))
READONLY: tuple[Step, ...] = (*REGISTERED, ("PUT", "/mode/s", {"mode": "READONLY"}))
IMPORTING: tuple[Step, ...] = (("PUT", "/mode/s", {"mode": "IMPORT"}),)


class Case(NamedTuple):
    """The same request, refused after some steps and done after others."""

    code: int
    status: int
    request: Step
    refused_after: tuple[Step, ...]
    done_after: tuple[Step, ...]

    @property
    def key(self) -> str:
        """Code and request, the members of its body, and what came before it."""
        method, target, body = self.request
        members = f" ({', '.join(body)})" if isinstance(body, dict) else ""
        behind = ", ".join(f"{step[0]} {step[1]}" for step in self.refused_after)
        return f"{self.code} {method} {target}{members}{f' after {behind}' if behind else ''}"


def case(code: int, request: Step, refused_after: tuple[Step, ...] = (), done_after: tuple[Step, ...] = ()) -> Case:
    return Case(code, code if code < 1_000 else code // 100, request, refused_after, done_after)


CASES = (
    case(40401, ("GET", V, None), (), REGISTERED),
    case(40401, ("GET", f"{V}/1", None), (), REGISTERED),
    case(40401, ("GET", f"{V}/latest", None), DELETED, REGISTERED),
    case(40401, ("GET", f"{V}/1/referencedby", None), (), REGISTERED),
    case(40401, ("POST", "/subjects/s", BODY), (), REGISTERED),
    case(40401, ("DELETE", "/subjects/s", None), (), REGISTERED),
    case(40401, ("DELETE", f"{V}/1", None), (), REGISTERED),
    case(40401, ("DELETE", "/config/s", None), (), (("PUT", "/config/s", {"compatibility": "NONE"}),)),
    case(40401, ("DELETE", "/mode/s", None), (), (("PUT", "/mode/s", {"mode": "READWRITE"}),)),
    case(40402, ("GET", f"{V}/2", None), REGISTERED, (*REGISTERED, ("POST", V, {"schema": ORDER_WITH_DEFAULT}))),
    case(40402, ("GET", f"{V}/2/schema", None), REGISTERED, (*REGISTERED, ("POST", V, {"schema": ORDER_WITH_DEFAULT}))),
    case(40402, ("POST", f"/compatibility{V}/1", BODY), (), REGISTERED),
    case(40403, ("GET", "/schemas/ids/1", None), (), REGISTERED),
    case(40403, ("GET", "/schemas/ids/1/schema", None), (), REGISTERED),
    case(40403, ("GET", "/schemas/ids/1/subjects", None), (), REGISTERED),
    case(40403, ("GET", "/schemas/ids/1/versions", None), (), REGISTERED),
    case(40403, ("POST", "/subjects/s", {"schema": ORDER_WITH_DEFAULT}), REGISTERED,
         (*REGISTERED, ("POST", V, {"schema": ORDER_WITH_DEFAULT}))),
    case(40403, ("GET", "/subjects/s/metadata?key=a&value=b", None), REGISTERED,
         (("POST", V, {"schema": ORDER, "metadata": {"properties": {"a": "b"}}}),)),
    case(40404, ("DELETE", "/subjects/s", None), DELETED, REGISTERED),
    case(40405, ("DELETE", "/subjects/s?permanent=true", None), REGISTERED, DELETED),
    case(40406, ("DELETE", f"{V}/1", None), DELETED, REGISTERED),
    case(40407, ("DELETE", f"{V}/1?permanent=true", None), REGISTERED, DELETED),
    case(40408, ("GET", "/config/s", None), REGISTERED, (("PUT", "/config/s", {"compatibility": "FULL"}),)),
    case(40409, ("GET", "/mode/s", None), REGISTERED, READONLY),
    case(409, ("POST", V, {"schema": ORDER_WITHOUT}), REGISTERED,
         (*REGISTERED, ("PUT", "/config/s", {"compatibility": "NONE"}))),
    case(42201, ("POST", "/subjects/t/versions", REFERRING), (), REGISTERED),
    case(42201, ("POST", V, {}), (), REGISTERED),
    case(42201, ("POST", V, {"schema": ORDER_WITH_DEFAULT, "version": 2}), (), REGISTERED),
    case(42205, ("POST", V, {"schema": ORDER_WITH_DEFAULT}), READONLY, REGISTERED),
    case(42205, ("DELETE", f"{V}/1", None), READONLY, REGISTERED),
    case(42205, ("DELETE", "/subjects/s", None), READONLY, REGISTERED),
    case(42205, ("PUT", "/config/s", {"compatibility": "NONE"}), READONLY, REGISTERED),
    case(42205, ("POST", V, {"schema": ORDER, "id": 7}), (), IMPORTING),
    case(42205, ("POST", V, BODY), IMPORTING, ()),
    case(42205, ("PUT", "/mode/s", {"mode": "IMPORT"}), REGISTERED, DELETED),
    case(42206, ("DELETE", f"{V}/1", None), REFERRED, (*REFERRED, ("DELETE", "/subjects/t", None))),
    case(42206, ("DELETE", "/subjects/s", None), REFERRED, (*REFERRED, ("DELETE", "/subjects/t", None))),
)  # fmt: skip
