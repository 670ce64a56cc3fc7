"""The graph of all that run events tell: producers to topics to readers to tables, and which field is made of which."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

import networkx as nx

from producer.errors import UsageError


class Node(NamedTuple):
    """A job, a dataset, or a field of one."""

    kind: str
    """`job`, `dataset` or `field`."""
    namespace: str
    name: str
    field: str = ""

    def __str__(self) -> str:
        return f"{self.name}.{self.field}" if self.field else self.name


class LineageError(UsageError):
    """What is read is no lineage, or has not what is asked for."""


Graph: TypeAlias = "nx.DiGraph[Node]"


def graph_of(events: Iterable[dict[str, Any]]) -> Graph:
    """Make a graph of run events; what a job said last of a dataset holds. Raises LineageError naming the event.

    An edge from a dataset to a job has `fields`: those that the job uses, None where nobody says.
    """
    graph: Graph = nx.DiGraph()
    for number, event in enumerate(events, start=1):
        try:
            job = Node("job", event["job"]["namespace"], event["job"]["name"])
            graph.add_node(job)
            for one in event.get("inputs") or ():
                dataset = Node("dataset", one["namespace"], one["name"])
                fields = _fields(one)
                graph.add_edge(dataset, job, fields=fields)
                _add_fields(graph, dataset, fields or ())
            for one in event.get("outputs") or ():
                dataset = Node("dataset", one["namespace"], one["name"])
                graph.add_edge(job, dataset)
                _add_fields(graph, dataset, _fields(one) or ())
                _add_columns(graph, job, dataset, one)
        except (KeyError, TypeError, AttributeError) as error:
            raise LineageError(f"event {number} is no OpenLineage run event: {type(error).__name__} {error}") from error
    return graph


def events_from(text: str) -> list[dict[str, Any]]:
    """Read events: JSON Lines, or one array. Raises LineageError naming the line."""
    stripped = text.strip()
    try:
        if stripped.startswith("["):
            return [one for one in json.loads(stripped) if one.get("eventType") or one.get("job")]
        rows = []
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                where = f"line {number}"
                rows.append(json.loads(line))
    except (ValueError, AttributeError, RecursionError) as error:
        where = where if not stripped.startswith("[") else "the array"
        raise LineageError(f"{where} is no JSON object: {error}") from error
    if strange := next((number for number, one in enumerate(rows, start=1) if not isinstance(one, dict)), 0):
        raise LineageError(f"event {strange} is no JSON object")
    return rows


def _fields(dataset: dict[str, Any]) -> tuple[str, ...] | None:
    schema = (dataset.get("facets") or {}).get("schema")
    return None if schema is None else tuple(one["name"] for one in schema.get("fields") or ())


def _add_fields(graph: Graph, dataset: Node, fields: Iterable[str]) -> None:
    for field in fields:
        graph.add_node(dataset._replace(kind="field", field=field))


def _add_columns(graph: Graph, job: Node, dataset: Node, told: dict[str, Any]) -> None:
    columns = ((told.get("facets") or {}).get("columnLineage") or {}).get("fields") or {}
    for field, made in columns.items():
        for of in made["inputFields"]:
            source = Node("field", of["namespace"], of["name"], of["field"])
            graph.add_edge(source, dataset._replace(kind="field", field=field), job=job)
