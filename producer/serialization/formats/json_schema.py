"""JSON under a JSON Schema: jsonschema-rs says whether a value fits, jsonschema where not and why."""

from __future__ import annotations

import json
from functools import partial
from itertools import islice
from reprlib import repr as shortened
from typing import TYPE_CHECKING, Any

from producer.errors import SerializationError
from producer.serialization.plain import read_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import BytesIO

    from producer.schemas.json_schema import JsonSchema


ERRORS_MAX = 100
"""Reasons among which the best is looked for: a list may have a million items, and each its own."""


class JsonSchemaCodec:
    """One JSON Schema at work. Values are what `json` reads and writes."""

    indexes = b""

    def __init__(self, schema: JsonSchema, _message: object = None) -> None:
        self.name = schema.name
        self._schema = schema
        self._is_fit = schema.fast_validator.is_valid

    def encoder(self, prefix: bytes) -> Callable[[Any], bytes]:
        """Give what makes compact UTF-8 of a value, behind the prefix. That raises SerializationError."""
        return partial(self._encode, prefix)

    def _encode(self, prefix: bytes, data: Any) -> bytes:
        try:
            text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
            is_fit = self._is_fit(data)
        except Exception as error:  # a value that JSON has no words for
            raise SerializationError(
                f"it cannot be written as JSON: {type(error).__name__}: {error}", value=data
            ) from error
        if not is_fit:
            raise self._misfit(data)
        return prefix + text

    def decode(self, payload: bytes, _header_rest: bytes | None) -> Any:
        """Give the value. Raises SerializationError for what is no JSON, and for what does not fit."""
        value = read_json(payload)
        try:
            is_fit = self._is_fit(value)
        except Exception as error:  # deeper than jsonschema-rs looks, or half a character
            raise SerializationError(
                f"{shortened(value)} cannot be held against its schema: {error}", value=value
            ) from error
        if not is_fit:
            raise self._misfit(value)
        return value

    def read(self, behind_id: BytesIO) -> Any:
        """Give the value behind an id."""
        return self.decode(behind_id.read(), None)

    def read_as(self, reader: JsonSchemaCodec) -> JsonSchemaCodec:
        """Give the reader's: JSON needs no writer's schema, and validators fill nothing in."""
        return reader

    def _misfit(self, value: Any) -> SerializationError:
        # Of several, the one that says most: a oneOf alone says no more than that nothing fits.
        from jsonschema.exceptions import best_match

        try:
            error = best_match(islice(self._schema.validator.iter_errors(value), ERRORS_MAX))
        except Exception:  # noqa: BLE001 - whatever Python's library has no words for: a pattern, or too deep a value
            error = None
        if error is None:
            return SerializationError(f"{shortened(value)} does not fit its schema", value=value)
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path).lstrip(".")
        what = f"field {path} is {shortened(error.instance)}" if path else f"it is {shortened(error.instance)}"
        rule = f"{error.validator}: {shortened(error.validator_value)}"
        return SerializationError(f"{what}, must fit {rule}", field=path, value=error.instance)
