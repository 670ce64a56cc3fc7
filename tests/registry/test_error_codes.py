"""Each error code comes where Confluent documents it, and not beside."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.registry.asking import ORDER, ORDER_WITH_DEFAULT, ORDER_WITHOUT, Asking, record

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


def _after(steps: tuple[Step, ...]) -> Asking:
    asking = Asking()
    for step in steps:
        asking.done(*step)
    return asking


@pytest.mark.parametrize("one", CASES, ids=lambda one: f"{one.code} {one.request[0]} {one.request[1]}")
def test_a_request_is_refused_with_its_code_and_done_otherwise(one: Case) -> None:
    refused = _after(one.refused_after)
    before = list(refused.registry.journal)
    said = refused.ask(*one.request)

    assert (said.status, said.code) == (one.status, one.code), said
    assert refused.registry.journal == before, "a refused request has left something behind"
    done = _after(one.done_after).ask(*one.request)
    assert done.status == 200, done


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (("GET", f"{V}/0", None), 42202),
        (("GET", f"{V}/-2", None), 42202),
        (("GET", f"{V}/first", None), 42202),
        (("GET", f"{V}/2147483648", None), 42202),
        (("DELETE", f"{V}/0", None), 42202),
        (("PUT", "/config", {"compatibility": "SIDEWARD"}), 42203),
        (("PUT", "/config/s", {"compatibility": ""}), 42203),
        (("PUT", "/mode", {"mode": "WRITEONLY"}), 42204),
        (("PUT", "/mode/s", {"mode": "FORWARD"}), 42204),
        (("PUT", "/mode", {}), 42204),
        (("POST", V, {"schema": '{"type":"nothing"}'}), 42201),
        (("POST", V, {"schema": ORDER, "schemaType": "XML"}), 42201),
        (("POST", V, {"schema": "message", "schemaType": "PROTOBUF"}), 42201),
        (("POST", V, {"schema": "CAEI", "schemaType": "PROTOBUF"}), 42201),
        (("POST", V, {"schema": "message M {", "schemaType": "PROTOBUF"}), 42201),
        (("POST", V, {"schema": '{"type":"nothing"}', "schemaType": "JSON"}), 42201),
        (("POST", V, {"schema": "[" * 100_000, "schemaType": "JSON"}), 42201),
        (("POST", V, {"schema": "[" * 100_000}), 42201),
        (("POST", "/subjects/__GLOBAL/versions", BODY), 42208),
        (("POST", "/subjects/a%0Ab/versions", BODY), 42208),
        (("POST", V, b""), 422),
        (("POST", V, b"null"), 422),
        (("POST", V, b"{"), 400),
        (("POST", V, b"[1]"), 400),
        (("POST", V, b"[" * 100_000), 400),
        (("POST", V, {"schema": 5}), 400),
        (("POST", V, {"schema": ORDER, "references": [5]}), 400),
        (("POST", V, {"schema": ORDER, "id": 1 << 40}), 400),
        (("GET", "/nowhere", None), 404),
        (("GET", "/schemas/ids/one", None), 404),
        (("GET", "/schemas/ids/99999999999999999999", None), 404),
        (("GET", "/subjects/%ff/versions", None), 404),
        (("PATCH", "/subjects", None), 405),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_code(request_: Step, code: int) -> None:
    asking = Asking()
    said = asking.ask(*request_)

    assert said.code == code, said
    assert said.status == (code if code < 1_000 else code // 100)
    assert said.body["message"]
    assert asking.registry.journal == []


def test_a_check_of_an_unknown_subjects_latest_is_true() -> None:
    said = Asking().ask("POST", f"/compatibility{V}/latest", BODY)

    assert said.body == {"is_compatible": True}
