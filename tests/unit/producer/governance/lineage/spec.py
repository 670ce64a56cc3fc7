"""What OpenLineage's public specification asks of a run event (2-0-2), as a JSON Schema written by us: required fields, words and forms."""

from __future__ import annotations

from typing import Any

_TEXT = {"type": "string", "minLength": 1}
_URI = {"type": "string", "pattern": "^https?://"}
_FACET = {
    "type": "object",
    "required": ["_producer", "_schemaURL"],
    "properties": {"_producer": _URI, "_schemaURL": _URI},
}
_FACETS = {"type": "object", "additionalProperties": _FACET}
_SCHEMA_FACET = {
    "allOf": [_FACET, {
        "required": ["fields"],
        "properties": {"fields": {"type": "array", "items": {
            "type": "object", "required": ["name"], "properties": {"name": _TEXT, "type": _TEXT, "description": _TEXT},
        }}},
    }],
}  # fmt: skip
_COLUMNS_FACET = {
    "allOf": [_FACET, {
        "required": ["fields"],
        "properties": {"fields": {"type": "object", "additionalProperties": {
            "type": "object", "required": ["inputFields"],
            "properties": {"inputFields": {"type": "array", "items": {
                "type": "object", "required": ["namespace", "name", "field"],
                "properties": {"namespace": _TEXT, "name": _TEXT, "field": _TEXT},
            }}},
        }}},
    }],
}  # fmt: skip
_DATASETS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["namespace", "name"],
        "properties": {
            "namespace": _TEXT,
            "name": _TEXT,
            "facets": {**_FACETS, "properties": {"schema": _SCHEMA_FACET, "columnLineage": _COLUMNS_FACET}},
        },
    },
}
RUN_EVENT: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["eventTime", "producer", "schemaURL", "run", "job"],
    "properties": {
        "eventType": {"enum": ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]},
        "eventTime": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"},
        "producer": _URI,
        "schemaURL": _URI,
        "run": {
            "type": "object",
            "required": ["runId"],
            "properties": {
                "runId": {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
                "facets": {
                    **_FACETS,
                    "properties": {
                        "errorMessage": {"allOf": [_FACET, {"required": ["message", "programmingLanguage"]}]}
                    },
                },
            },
        },
        "job": {"type": "object", "required": ["namespace", "name"], "properties": {"namespace": _TEXT, "name": _TEXT}},
        "inputs": _DATASETS,
        "outputs": _DATASETS,
    },
}
