"""A configuration from the text of a file: Java's properties, or one JSON object."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from producer.errors import ConfigError
from producer.governance.lint.configuration import Configuration, Given
from producer.governance.lint.dialect import Dialect, dialect_of
from producer.governance.lint.properties_file import lines_of

PARTS = ("producer", "topic", "application")
"""What a JSON object may be divided into: the producer's properties, its topic's, and what the program gives."""


def configuration_from(
    text: str, *, dialect: Dialect | None = None, beside: Mapping[str, str] | None = None
) -> Configuration:
    """Read a file; `beside` are properties of the topic that no file names. The dialect is told by the names, if it is not given.

    A JSON object is flat, or has the parts `producer`, `topic` and `application`. Raises ConfigError.
    """
    given = list(_of_json(text) if text.lstrip().startswith("{") else _of_lines(text))
    given += [Given(name, value, 0) for name, value in (beside or {}).items()]
    return Configuration(given, dialect or dialect_of(one.name for one in given))


def _of_lines(text: str) -> Iterator[Given]:
    for line in lines_of(text):
        yield Given(line.name, line.value, line.number)


def _of_json(text: str) -> Iterator[Given]:
    try:
        read = json.loads(text, object_pairs_hook=_each_once)
    except ValueError as error:
        raise ConfigError(f"no JSON: {error}") from error
    except RecursionError as error:
        raise ConfigError("no configuration: it is nested too deep") from error
    parts = [read[part] for part in PARTS if isinstance(read.get(part), dict)]
    if parts and (strange := [name for name in read if name not in PARTS or not isinstance(read[name], dict)]):
        raise ConfigError(f"{strange[0]!r} is none of the parts {', '.join(PARTS)}")
    for part in parts or [read]:
        for name, value in part.items():
            yield Given(name, _text(name, value), 0)


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    read = dict(pairs)
    if len(read) < len(pairs):
        names = [name for name, _ in pairs]
        raise ConfigError(f"{next(name for name in names if names.count(name) > 1)} is given twice")
    return read


def _text(name: str, value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ",".join(value)
    if isinstance(value, str | int | float):
        return str(value)
    raise ConfigError(f"{name} is a {type(value).__name__}, must be text, a number, true, false or a list of texts")
