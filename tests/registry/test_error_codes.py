"""Each error code comes where Confluent documents it, and not beside."""

from __future__ import annotations

import pytest

from tests.registry.asking import ORDER, Asking
from tests.registry.error_codes import BODY, CASES, Case, Step, V


def _after(steps: tuple[Step, ...]) -> Asking:
    asking = Asking()
    for step in steps:
        asking.done(*step)
    return asking


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.key)
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
