"""One JSON Schema: its document, what each `$ref` in it means, and what validates a value by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any, NamedTuple
from urllib.parse import urljoin

import jsonschema
import jsonschema_rs
from jsonschema_specifications import REGISTRY
from referencing import Registry, Resource, Specification
from referencing.exceptions import Unresolvable
from referencing.jsonschema import (
    DRAFT4,
    DRAFT6,
    DRAFT7,
    DRAFT201909,
    DRAFT202012,
    UnknownDialect,
)

from producer.schemas.json_keywords import mended
from producer.schemas.json_text import read_json, write_json
from producer.schemas.references import in_order
from producer.schemas.schema import DEPTH_MAX, FIELDS_MAX, InvalidSchemaError, Schema, short

DRAFT_7 = "http://json-schema.org/draft-07/schema"


class Dialect(NamedTuple):
    """One draft of JSON Schema, as each library has it."""

    specification: Specification[Any]
    validator: type[jsonschema.protocols.Validator]
    fast_validator: Callable[..., jsonschema_rs.Validator]
    draft: int
    """By the number of jsonschema_rs."""
    has_exclusive_ref: bool
    """Whether what stands beside a `$ref` says nothing."""


DIALECTS = {
    "http://json-schema.org/draft-04/schema": Dialect(
        DRAFT4, jsonschema.Draft4Validator, jsonschema_rs.Draft4Validator, jsonschema_rs.Draft4, True
    ),
    "http://json-schema.org/draft-06/schema": Dialect(
        DRAFT6, mended(jsonschema.Draft6Validator), jsonschema_rs.Draft6Validator, jsonschema_rs.Draft6, True
    ),
    DRAFT_7: Dialect(
        DRAFT7, mended(jsonschema.Draft7Validator), jsonschema_rs.Draft7Validator, jsonschema_rs.Draft7, True
    ),
    "https://json-schema.org/draft/2019-09/schema": Dialect(
        DRAFT201909,
        mended(jsonschema.Draft201909Validator),
        jsonschema_rs.Draft201909Validator,
        jsonschema_rs.Draft201909,
        False,
    ),
    "https://json-schema.org/draft/2020-12/schema": Dialect(
        DRAFT202012,
        jsonschema.Draft202012Validator,
        jsonschema_rs.Draft202012Validator,
        jsonschema_rs.Draft202012,
        False,
    ),
}
"""By `$schema`, without a `#` at its end. A document without one is of draft 7, as registries have it."""
IN_PLACE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas")
"""Keywords whose subschemas are held against the same value."""
Document = dict[str, Any] | bool


@dataclass(frozen=True, eq=False)
class JsonSchema:
    """What a JSON Schema says."""

    schema: Schema
    document: Document
    dialect: Dialect
    resources: Mapping[str, Document]
    """What it refers to, by the URI that stands for it: the reference's name, and that name relative to the `$id`."""
    registry: Registry[Any]
    """The same for `referencing`, with the dialects themselves."""
    targets: Mapping[int, Document]
    """What each `$ref` leads to, by the id of the subschema object that it stands in."""

    @property
    def name(self) -> str:
        """The `title`; empty if there is none."""
        title = self.document.get("title", "") if isinstance(self.document, Mapping) else ""
        return title if isinstance(title, str) else ""

    @cached_property
    def canonical(self) -> str:
        """The document without blanks, its members in their order."""
        return write_json(self.document)

    @cached_property
    def normalized(self) -> str:
        """The document without blanks, members in the order of their names."""
        return write_json(self.document, sort_keys=True)

    @cached_property
    def validator(self) -> jsonschema.protocols.Validator:
        """Says of a value whether it fits, and if not where and why."""
        return self.dialect.validator(self.document, registry=self.registry)

    @cached_property
    def fast_validator(self) -> jsonschema_rs.Validator:
        """Says of a value whether it fits, many times as fast as `validator`. Raises InvalidSchemaError."""
        try:
            registry = jsonschema_rs.Registry(list(self.resources.items()), draft=self.dialect.draft)
            return self.dialect.fast_validator(self.document, registry=registry)
        except jsonschema_rs.ValidationError as error:
            place = "/".join(str(one) for one in error.instance_path)
            raise InvalidSchemaError(f"#/{place}: {error.message[:200]}") from error
        except (jsonschema_rs.ReferencingError, ValueError) as error:
            raise InvalidSchemaError(str(error)[:200]) from error


def parse_json_schema(schema: Schema, referenced: Mapping[str, Schema]) -> JsonSchema:
    """Read a JSON Schema. Raises InvalidSchemaError."""
    documents: dict[str, Document] = {}
    for name, one in in_order(schema, referenced):
        try:
            documents[name] = _document(one.text)
            _dialect(documents[name])
        except InvalidSchemaError as error:
            raise InvalidSchemaError(f"reference {name!r}: {error}") from error
    document = _document(schema.text)
    dialect = _dialect(document)
    base = dialect.specification.create_resource(document).id() or ""
    resources = documents | {urljoin(base, name): one for name, one in documents.items()}
    registry = REGISTRY.with_resources(
        (uri, _dialect(one).specification.create_resource(one)) for uri, one in resources.items()
    ).crawl()
    walk = _Walk(registry)
    for each in [*documents.values(), document]:
        walk.through(each, _dialect(each).specification)
    walk.check_circles()
    found = JsonSchema(schema, document, dialect, resources, registry, walk.targets)
    # What the dialect itself refuses (a misspelt type, a pattern that is none) is found by making this.
    _ = found.fast_validator
    return found


def _document(text: str) -> Document:
    value = read_json(text)
    if not isinstance(value, dict | bool):
        raise InvalidSchemaError(f"{short(value)} is no JSON Schema: an object, true or false")
    return value


def _dialect(document: Document) -> Dialect:
    given = document.get("$schema", DRAFT_7) if isinstance(document, Mapping) else DRAFT_7
    found = DIALECTS.get(given.removesuffix("#")) if isinstance(given, str) else None
    if found is None:
        raise InvalidSchemaError(f"$schema is {short(given)}, must be one of {', '.join(DIALECTS)}")
    return found


class _Walk:
    """Goes once through every subschema: resolves each `$ref`, and notes what is held against the same value."""

    def __init__(self, registry: Registry[Any]) -> None:
        self._registry = registry
        self._in_place: dict[int, list[int]] = {}
        """Subschema -> those that are looked at with the same value; by the ids of their objects."""
        self._refs: dict[int, str] = {}
        self.targets: dict[int, Document] = {}
        self._fields = 0

    def through(self, document: Document, specification: Specification[Any]) -> None:
        root: Resource[Any] = specification.create_resource(document)
        left = [(root, self._registry.resolver_with_root(root), 0)]
        while left:
            resource, resolver, depth = left.pop()
            contents = resource.contents
            if not isinstance(contents, Mapping):
                continue
            if depth > DEPTH_MAX:
                raise InvalidSchemaError(f"subschemas are nested deeper than {DEPTH_MAX} levels: {short(contents)}")
            self._count(contents)
            edges = self._in_place[id(contents)] = [id(one) for one in _same_value(contents)]
            reference = contents.get("$ref")
            if isinstance(reference, str):
                try:
                    target = resolver.lookup(reference).contents
                except (Unresolvable, ValueError) as error:
                    raise InvalidSchemaError(f"$ref {short(reference)}: there is no such schema") from error
                if not isinstance(target, dict | bool):
                    raise InvalidSchemaError(f"$ref {short(reference)}: {short(target)} is no schema")
                edges.append(id(target))
                self.targets[id(contents)] = target
                self._refs[id(contents)] = reference
            try:
                left.extend((one, resolver.in_subresource(one), depth + 1) for one in resource.subresources())
            except (AttributeError, TypeError, UnknownDialect) as error:
                raise InvalidSchemaError(f"no JSON Schema within {short(contents)}: {error}") from error

    def _count(self, contents: Mapping[str, Any]) -> None:
        properties = contents.get("properties")
        self._fields += len(properties) if isinstance(properties, Mapping) else 0
        if self._fields > FIELDS_MAX:
            raise InvalidSchemaError(f"more than {FIELDS_MAX} properties")

    def check_circles(self) -> None:
        """Refuse a schema that would be held against one value for ever."""
        try:
            TopologicalSorter(self._in_place).prepare()
        except CycleError as error:
            references = [self._refs[one] for one in error.args[1] if one in self._refs]
            raise InvalidSchemaError(
                f"$ref {short(references[0])}: it comes back to itself with the same value"
            ) from error


def _same_value(contents: Mapping[str, Any]) -> Iterator[object]:
    for word in IN_PLACE:
        inner = contents.get(word)
        if isinstance(inner, list):
            yield from inner
        elif word == "dependentSchemas" and isinstance(inner, Mapping):
            yield from inner.values()
        elif inner is not None:
            yield inner
