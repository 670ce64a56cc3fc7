"""What a change of a topic, or of one field of it, would break: whoever reads it, what is made of it, and so on down."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from producer.governance.lineage.graph import Graph, LineageError, Node


class Affected(NamedTuple):
    """One thing that a change reaches."""

    kind: str
    """`job`, `dataset` or `field`."""
    namespace: str
    name: str
    field: str
    is_certain: bool
    """False where nobody says which fields a job reads, or of which its output is made: it may not mind."""
    by: str
    """What it is reached by: the thing before it on the shortest way."""
    steps: int
    """How far it is: 1 reads what changes."""

    @property
    def node(self) -> Node:
        """Where it stands in the graph."""
        return Node(self.kind, self.namespace, self.name, self.field)


class Impact(NamedTuple):
    """All that a change reaches, the nearest first."""

    what: Node
    affected: tuple[Affected, ...]


def named(graph: Graph, word: str) -> Node:
    """Find `TOPIC` or `TOPIC.field`: names may have dots, so the longest dataset of that name counts. Raises LineageError."""
    datasets = sorted((one for one in graph if one.kind == "dataset"), key=str)
    for one in sorted(datasets, key=lambda one: -len(one.name)):
        if word == one.name:
            return one
        field = word.removeprefix(f"{one.name}.")
        if field != word and one._replace(kind="field", field=field) in graph:
            return one._replace(kind="field", field=field)
    holder = next((one for one in datasets if word.startswith(f"{one.name}.")), None)
    if holder is not None:
        fields = sorted(one.field for one in graph if one.kind == "field" and one[1:3] == holder[1:3])
        raise LineageError(f"{word!r}: {holder.name} has no such field, fields are {', '.join(fields) or 'not told'}")
    raise LineageError(f"{word!r}: no event tells of it; there are {', '.join(one.name for one in datasets) or 'none'}")


def impact(graph: Graph, what: Node) -> Impact:
    """Follow a change. A field reaches whoever uses it and what is made of it; a topic whoever reads it and all that they write."""
    found: dict[Node, Affected] = {}
    waiting = deque([(what, True, 0)])
    while waiting:
        node, is_certain, steps = waiting.popleft()
        for reached, certain in _next(graph, node):
            is_sure = is_certain and certain
            known = found.get(reached)
            if reached == what or (known is not None and (known.is_certain or not is_sure)):
                continue
            found[reached] = Affected(*reached, is_sure, str(node), known.steps if known else steps + 1)
            # Whoever minds one field does not mind for all that it writes: that was looked at with the field.
            if (node.kind, reached.kind) != ("field", "job"):
                waiting.append((reached, is_sure, steps + 1))
    order = {"job": 0, "dataset": 1, "field": 2}
    return Impact(what, tuple(sorted(found.values(), key=lambda one: (one.steps, order[one.kind], *one[1:4]))))


def _next(graph: Graph, node: Node) -> list[tuple[Node, bool]]:
    """Give what a change of one thing reaches at once, and whether it does for certain; in an order of its own."""
    if node.kind != "field":
        return [(one, True) for one in sorted(graph.successors(node))]
    reached = [(one, True) for one in sorted(graph.successors(node))]
    dataset = node._replace(kind="dataset", field="")
    jobs = sorted(graph.successors(dataset)) if dataset in graph else []
    made = {graph.edges[node, one]["job"] for one in graph.successors(node)}
    for job in jobs:
        fields = graph.edges[dataset, job]["fields"]
        is_used = job in made or (fields is not None and _uses(fields, node.field))
        if is_used or fields is None:
            reached.append((job, is_used))
            # Where nobody says of what it makes its output, it may be of this.
            reached += [(one, False) for one in sorted(graph.successors(job)) if not _tells_columns(graph, one)]
    return reached


def _uses(fields: tuple[str, ...], field: str) -> bool:
    """Whether one of the fields is this one, lies within it, or holds it."""
    return any(one == field or one.startswith(f"{field}.") or field.startswith(f"{one}.") for one in fields)


def _tells_columns(graph: Graph, dataset: Node) -> bool:
    fields = [one for one in graph if one.kind == "field" and one[1:3] == dataset[1:3]]
    return any(graph.in_degree(one) for one in fields)
