"""What runs read and write: topics and tables, their fields, and of which fields each of those is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Field(NamedTuple):
    """One field of a dataset; of a record within a record `customer.email`."""

    name: str
    type: str = ""


class FieldOf(NamedTuple):
    """A field of some dataset."""

    namespace: str
    name: str
    field: str


class Dataset(NamedTuple):
    """A topic or a table. OpenLineage's naming: `kafka://HOST:PORT` and the topic, `postgres://HOST:PORT` and `db.schema.table`."""

    namespace: str
    name: str
    fields: tuple[Field, ...] = ()
    """Of an input those that the run uses; empty where nobody says."""
    made_of: Mapping[str, tuple[FieldOf, ...]] = {}
    """Of an output: field -> the fields of inputs that it is made of."""


class Job(NamedTuple):
    """What runs again and again: an application, by name."""

    namespace: str
    name: str


def topic(
    bootstrap: str, name: str, fields: tuple[Field, ...] = (), made_of: Mapping[str, tuple[FieldOf, ...]] | None = None
) -> Dataset:
    """Name a topic, by one bootstrap server of its cluster, as OpenLineage does."""
    return Dataset(f"kafka://{bootstrap}", name, fields, made_of or {})
