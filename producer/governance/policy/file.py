"""From a policy file to a policy: wholly, or not at all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path as File
from reprlib import repr as shortened
from typing import TYPE_CHECKING, Any

from producer.errors import UsageError
from producer.governance.errors import PolicyFileError
from producer.governance.paths import Path
from producer.governance.policy.document import Document
from producer.governance.policy.words import (
    HEADER,
    S_US,
    Action,
    FieldRule,
    Hidden,
    MissingKey,
    Policy,
    Tenant,
    TopicPolicy,
)
from producer.governance.values import Format

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

SCHEMA_FILE = "policy.schema.json"
MISSING = "is missing"
MADE = "a policy"
"""What stands for the file's name where values were given."""


def read_policy(file: File) -> Policy:
    """Read a policy file. Raises PolicyFileError, naming the first line that is wrong; OSError is told as one."""
    return parse_policy(_text(file), str(file))


def check_policy(file: File) -> list[PolicyFileError]:
    """Give everything that is wrong with a file, by line; nothing where it is a policy."""
    try:
        document = Document(str(file), _text(file))
    except PolicyFileError as error:
        return [error]
    return _in_order(document)


def parse_policy(text: str, file: str = MADE) -> Policy:
    """Read a policy of its text, YAML or JSON. Raises PolicyFileError."""
    document = Document(file, text)
    for error in _in_order(document):
        raise error
    return _policy(document.value)


def policy_of(said: Mapping[str, Any]) -> Policy:
    """Make a policy of values, as a file has them. Raises PolicyFileError."""
    return parse_policy(json.dumps(said), MADE)


def _text(file: File) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise PolicyFileError(str(file), 0, "", f"cannot be read: {why}") from error


@cache
def schema() -> dict[str, Any]:
    """Give the JSON Schema of policy files."""
    text = (resources.files("producer.governance.policy") / SCHEMA_FILE).read_text(encoding="utf-8")
    made: dict[str, Any] = json.loads(text)
    return made


@cache
def _validator() -> Draft202012Validator:
    try:
        from jsonschema import Draft202012Validator
    except ModuleNotFoundError as error:
        msg = "a policy file needs the module 'jsonschema', which is not installed: pip install 'acklab[governance]'"
        raise UsageError(msg) from error
    return Draft202012Validator(schema())


def _in_order(document: Document) -> list[PolicyFileError]:
    """Give what is wrong by line, once; an unknown key goes before the one that is missing for it."""
    found = {str(error): error for error in _wrong(document)}
    return sorted(found.values(), key=lambda error: (error.line, error.reason == MISSING))


def _wrong(document: Document) -> Iterator[PolicyFileError]:
    """Say what is wrong: by the schema, and where that is content, what a schema cannot say."""
    found = [_said(document, error) for error in _validator().iter_errors(document.value)]
    yield from found
    if not found:
        yield from _inconsistent(document)


def _said(document: Document, error: ValidationError) -> PolicyFileError:
    """Tell an error of the schema in a policy's words."""
    way = list(error.absolute_path)
    rows: Any = error.schema
    wanted: Any = error.validator_value
    given: Any = error.instance
    match error.validator:
        case "additionalProperties":
            known = tuple(rows.get("properties", ()))
            unknown = next((key for key in given if key not in known), "")
            return document.error([*way, unknown], f"is no key here, must be one of {', '.join(known)}")
        case "required":
            missing = next(key for key in wanted if key not in given)
            return document.error([*way, missing], MISSING)
        case "enum":
            return document.error(way, f"is {shortened(error.instance)}, must be one of {_or(wanted)}")
        case "const":
            return document.error(way, f"is {shortened(error.instance)}, must be {wanted!r}")
        case "oneOf":
            return _hidden(document, way, error)
        case _:
            rule = f"{error.validator} {shortened(wanted)}"
            return document.error(way, f"is {shortened(error.instance)}, must fit {rule}")


def _hidden(document: Document, way: list[Any], error: ValidationError) -> PolicyFileError:
    """Name what is wrong with the one way of hiding that `by` means."""
    by = error.instance.get("by") if isinstance(error.instance, dict) else None
    ways: Any = error.validator_value
    rows = {row["properties"]["by"]["const"]: row for row in ways}
    if by not in rows:
        return document.error([*way, "by"], f"is {shortened(by)}, must be one of {_or(list(rows))}")
    inner = next(
        iter(_validator().evolve(schema={**rows[by], "$defs": schema()["$defs"]}).iter_errors(error.instance)), None
    )
    if inner is None:
        return document.error(way, f"is {shortened(error.instance)}, which is no way to {by}")
    if inner.validator in {"minProperties", "maxProperties"}:
        others = [key for key in rows[by]["properties"] if key != "by"]
        return document.error(way, f"needs exactly one of {', '.join(others)}")
    inner.path.extendleft(reversed(way))
    return _said(document, inner)


def _inconsistent(document: Document) -> Iterator[PolicyFileError]:
    """Say what no schema finds: paths that are none, patterns that are none, a tenant that is missing, a rule that is there twice."""
    seen: dict[str, int] = {}
    for place, topic in enumerate(document.value["topics"]):
        way: list[str | int] = ["topics", place]
        if topic["match"] in seen:
            yield document.error([*way, "match"], f"is {topic['match']!r}, as that of topics[{seen[topic['match']]}]")
        seen.setdefault(topic["match"], place)
        for number, name in enumerate(topic.get("required", ())):
            if name != "key" and not name.startswith(HEADER):
                yield from _no_path(document, [*way, "required", number], name)
        for part in ("fields", "protect"):
            for name in topic.get(part, ()):
                yield from _no_path(document, [*way, part, name], name)
        for name, rule in topic.get("fields", {}).items():
            try:
                re.compile(rule.get("pattern", ""))
            except re.error as error:
                yield document.error([*way, "fields", name, "pattern"], f"is {rule['pattern']!r}: {error}")
        tenant = topic.get("tenant", {})
        if "field" in tenant:
            yield from _no_path(document, [*way, "tenant", "field"], tenant["field"])
        encrypts = [one for one in topic.get("protect", {}).values() if one["by"] == "encrypt"]
        is_key = topic.get("protect_key", {}).get("by") == "encrypt"
        if (encrypts or is_key or topic.get("encrypt_value")) and not tenant:
            yield document.error([*way, "tenant"], "is missing: it says whose key encrypts")
        if tenant.get("field") in topic.get("protect", {}):
            yield document.error(
                [*way, "protect", tenant["field"]], "is the tenant, whom a reader must know to decrypt"
            )
        only = topic.get("formats")
        if only == ["bytes"] and (topic.get("protect") or topic.get("fields")):
            yield document.error([*way, "formats"], "is bytes alone, and bytes have no fields")


def _no_path(document: Document, way: list[str | int], text: str) -> Iterator[PolicyFileError]:
    try:
        Path.of(text)
    except ValueError as error:
        yield document.error(way, str(error))


def _policy(said: dict[str, Any]) -> Policy:
    keys = said.get("data_keys", {})
    usual = Policy()
    return Policy(
        topics=tuple(_topic(one) for one in said["topics"]),
        allow_unlisted=said.get("unlisted", "allow") == "allow",
        on_missing_key=MissingKey(said.get("on_missing_key", "refuse")),
        data_key_age_us=int(keys["age_s"] * S_US) if "age_s" in keys else usual.data_key_age_us,
        data_key_uses=keys.get("uses", usual.data_key_uses),
        name=said.get("name", ""),
    )


def _topic(said: dict[str, Any]) -> TopicPolicy:
    fields = said.get("fields", {}).items()
    tenant = said.get("tenant", {})
    return TopicPolicy(
        match=said["match"],
        action=Action(said.get("on_violation", "refuse")),
        formats=tuple(map(Format, said.get("formats", ()))),
        subjects=tuple(said.get("subjects", ())),
        compatibility=tuple(said.get("compatibility", ())),
        required=tuple(said.get("required", ())),
        fields=tuple(FieldRule(Path.of(path), *_rule(rule)) for path, rule in fields),
        allow_tombstones=said.get("tombstones", "allow") == "allow",
        tenant=Tenant(
            Path.of(tenant["field"]) if "field" in tenant else None, tenant.get("header", ""), tenant.get("name", "")
        ),
        protect=tuple((Path.of(path), Hidden(**one)) for path, one in said.get("protect", {}).items()),
        key=Hidden(**said["protect_key"]) if "protect_key" in said else None,
        encrypt_value=said.get("encrypt_value", False),
    )


def _rule(said: dict[str, Any]) -> tuple[str, re.Pattern[str] | None, tuple[object, ...]]:
    pattern = re.compile(said["pattern"]) if "pattern" in said else None
    return said.get("format", ""), pattern, tuple(said.get("one_of", ()))


def _or(words: list[str]) -> str:
    return ", ".join(map(str, words))
