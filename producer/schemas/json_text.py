"""JSON as text and as values, for schemas that are written in it."""

from __future__ import annotations

import json

from producer.schemas.schema import DEPTH_MAX, InvalidSchemaError


def read_json(text: str) -> object:
    """Read one JSON value. Raises InvalidSchemaError, which names line and column."""
    if not text.strip():
        raise InvalidSchemaError("the schema is empty")
    try:
        return json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise InvalidSchemaError(
            f"line {error.lineno}, column {error.colno}: no JSON: {error.msg}, at {text[error.pos : error.pos + 20]!r}"
        ) from error
    except ValueError as error:
        # (A number of thousands of digits.)
        raise InvalidSchemaError(f"no JSON that can be read: {error}") from error
    except RecursionError as error:
        raise InvalidSchemaError(f"the schema is nested deeper than {DEPTH_MAX} levels") from error


def write_json(value: object, *, sort_keys: bool = False) -> str:
    """Write a JSON value without a blank, and with every character as it is."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=sort_keys)


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no number of JSON")
