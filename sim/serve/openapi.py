"""The control port's description, in the words of OpenAPI 3.1."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

REFUSALS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.NOT_IMPLEMENTED,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.HTTP_VERSION_NOT_SUPPORTED,
)
"""What may be answered in place of what was asked; where a path or a method is unknown, 404 or 405."""


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


def _named(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


_WHY_NOT = {"content": {"application/json": {"schema": _named("Error")}}}


def _says(what: str, schema: dict[str, Any], *, takes: dict[str, Any] | None = None) -> dict[str, Any]:
    """Describe one operation: what it answers, and what it takes."""
    answers = {
        "200": {"description": what, "content": {"application/json": {"schema": schema}}},
        **{str(status.value): {**_WHY_NOT, "description": f"{status.phrase}: why."} for status in REFUSALS},
    }
    described: dict[str, Any] = {"summary": what, "responses": answers}
    if takes is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": takes}}}
    return described


_INT = {"type": "integer"}
_TEXT = {"type": "string"}
_FLAG = {"type": "boolean"}
_FATE = {"enum": ["pending", "fired", "refused"], "description": "pending: its moment has not come."}
_STATE = {"enum": ["up", "paused", "down", "off"]}
_FAULT = {
    "type": "string",
    "description": "A fault, which strikes at once, or a line of a schedule, whose times and events count from now.",
    "examples": [
        "crash leader(orders-0)",
        "at 2s: pause b1",
        "after RequestReceived#10 api=Produce client_id=billing: drop Produce orders-0 x1 by b1 then reset",
    ],
}
_BROKER = _object(id=_INT, host=_TEXT, port=_INT, state=_STATE, is_serving=_FLAG)
_PARTITION = _object(
    topic=_TEXT,
    partition=_INT,
    leader=_INT,
    leader_epoch=_INT,
    replicas=_list(_INT),
    isr=_list(_INT),
    high_watermark=_INT,
)
_LOST = _object(partition=_TEXT, leader_epoch=_INT, first_offset=_INT, last_offset=_INT, on_disks=_list(_INT))
_TWICE = _object(partition=_TEXT, first_offset=_INT, again_offset=_INT, records=_INT)
_POSITION_LOST = _object(group=_TEXT, partition=_TEXT, remembered=_INT, found=_INT, told_to=_TEXT)
_JUDGEMENT = _object(
    state={"enum": ["holds", "violated", "inconclusive"]},
    appended_records=_INT,
    acknowledged_records=_INT,
    refused={"type": "object", "additionalProperties": _INT},
    lost_records=_INT,
    lost=_list(_LOST),
    doubled_records=_INT,
    twice=_list(_TWICE),
    unread=_list(_TEXT),
    remembered_positions=_INT,
    positions_lost=_list(_POSITION_LOST),
    handler_failures=_INT,
)
_FROM = {"name": "from", "in": "query", "schema": {"type": "integer", "minimum": 0, "default": 0}}
_ROW = {"type": "array", "description": "The name of its type, then its fields, as a line of a trace file has them."}
_DESCRIBED = _says("This description.", {"type": "object"})

OPENAPI: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Acklab's control port",
        "version": "1",
        "description": "Faults, state and verdicts of a served cluster.",
    },
    "paths": {
        "/": {"get": _DESCRIBED},
        "/openapi.json": {"get": _DESCRIBED},
        "/cluster": {"get": _says("The cluster as it is now.", _named("Cluster"))},
        "/faults": {
            "get": _says(
                "Every fault that was asked for, and what became of it.", _object(faults=_list(_named("Fault")))
            ),
            "post": _says("A fault strikes, or waits for its moment.", _named("Fault"), takes=_object(fault=_FAULT)),
        },
        "/heal": {"post": _says("Every fault that has struck is ended; the cluster right then.", _named("Cluster"))},
        "/events": {
            "get": {
                **_says("What happened, from an event on.", _named("Stretch")),
                "parameters": [_FROM],
            }
        },
        "/verdicts": {"get": _says("What became of what was acknowledged, so far.", _named("Judgement"))},
        "/shutdown": {"post": _says("The server ends; the last verdicts.", _named("Judgement"))},
    },
    "components": {
        "schemas": {
            "Error": _object(error=_TEXT),
            "Fault": _object(number=_INT, fault=_TEXT, fate=_FATE, reason=_TEXT),
            "Cluster": _object(
                at_us=_INT,
                lag_us=_INT,
                controller=_TEXT,
                brokers=_list(_BROKER),
                partitions=_list(_PARTITION),
                clients=_list(_object(address=_TEXT, connections=_INT)),
            ),
            "Judgement": _JUDGEMENT,
            "Stretch": _object(begun_us=_INT, first=_INT, end=_INT, total=_INT, events=_list(_ROW)),
        }
    },
}
