"""Keywords that jsonschema cannot follow where `items` is true or false, which drafts 6 to 2019-09 allow: there it raises TypeError."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend


def mended(validator: type[Validator]) -> type[Validator]:
    """Give the same validator, which looks at what else stands beside `items` only where that has a say."""
    theirs = validator.VALIDATORS
    ours = {word: _beside_items(theirs[word]) for word in ("additionalItems", "unevaluatedItems") if word in theirs}
    extended: type[Validator] = extend(validator, ours)  # type: ignore[no-untyped-call]
    return extended


def _beside_items(keyword: Any) -> Any:
    def applied(validator: Validator, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        # True and false are about every item: nothing is additional, nothing unevaluated.
        if not isinstance(schema.get("items"), bool):
            yield from keyword(validator, value, instance, schema) or ()

    return applied
