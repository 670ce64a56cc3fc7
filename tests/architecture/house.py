"""The house as it is: trees, floors and wings from the contracts in pyproject.toml, purposes and rooms from the files, and
who imports whom."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import grimp

ROOT = Path(__file__).parent.parent.parent
TREES = ("sim", "producer")
STANDS_ON_SIM = ("scenarios", "tutorials")
"""They have no wings: one story a file, one lesson a folder."""


class Place(NamedTuple):
    """Where something new goes."""

    what: str
    """`fault`, as in "a new fault"."""
    wing: str
    path: str
    """Folder or file, which must exist."""
    how: str


PLACES = (
    Place("story", "scenarios", "scenarios", "one a file"),
    Place("lesson", "tutorials", "tutorials", "one a folder"),
    Place("command", "sim.cli", "sim/cli", "one a file"),
    Place("screen", "sim.tui", "sim/tui/screens", "one a file"),
    Place("view of a run", "sim.tui", "sim/tui/views.py", "a row; its lines are a file of `sim/tui/panels`"),
    Place("word of the screens", "sim.tui", "sim/tui/glossary", "a row, by subject; `make map` writes `glossary.md`"),
    Place("look of the screens", "sim.tui", "sim/tui/look.py", "a row; the tests compute its contrast"),
    Place("planted bug", "sim.mutants", "sim/mutants", "one a file; `make mutants` hunts it"),
    Place("kind of fault that a search draws", "sim.explore", "sim/explore/kinds", "a row in one of its rooms"),
    Place("guarantee", "sim.judges", "sim/judges/guarantees", "one a file"),
    Place("invariant", "sim.judges", "sim/judges/invariants", "one a file"),
    Place("fault", "sim.faults", "sim/faults", "one kind a file"),
    Place("API, a broker's side", "sim.cluster", "sim/cluster/broker/handlers", "one a file"),
    Place(
        "kind of coordinator", "sim.cluster", "sim/cluster/coordinators", "a room; `runtime.py` says how to stand on it"
    ),
    Place("assignor of groups", "sim.cluster", "sim/cluster/coordinators/groups/consumer/assignors", "one a file"),
    Place("event of the trace", "sim.trace", "sim/trace/events", "by subject"),
    Place("API, its messages", "producer.wire", "producer/wire/messages", "one a file"),
    Place("partitioner", "producer.partitioners", "producer/partitioners", "one a file"),
    Place("plain serializer", "producer.serialization", "producer/serialization/plain.py", "a row"),
    Place(
        "question for a schema registry",
        "producer.serialization",
        "producer/serialization/registry/calls.py",
        "a function",
    ),
    Place("property", "producer.config", "producer/config/properties.py", "a field"),
    Place("metric", "producer.metrics", "producer/metrics/registry.py", "a row"),
    Place("route of the schema registry", "sim.registry", "sim/registry/rest/api.py", "a row"),
    Place("way to log in", "producer.client", "producer/client/sasl", "one a file"),
    Place(
        "rule of the lint",
        "producer.governance",
        "producer/governance/lint/rules",
        "a function and its row, by subject",
    ),
    Place(
        "format of schemas", "producer.schemas", "producer/schemas", "a room or a file; `parse.py` knows them by name"
    ),
)


@dataclass(frozen=True)
class Wing:
    """A folder, or a single file, of one tree."""

    name: str
    """As Python names it: `sim.cluster`."""
    purpose: str
    rooms: tuple[str, ...]
    """What lies in it: folders first (with a slash, and what folders lie in those), then files."""
    knows: tuple[str, ...]
    """Names of every wing that it imports."""

    @property
    def word(self) -> str:
        return self.name.rpartition(".")[2]


@dataclass(frozen=True)
class House:
    """The whole."""

    top: tuple[Wing, ...]
    """What stands on the simulator."""
    floors: Mapping[str, tuple[tuple[Wing, ...], ...]]
    """Tree -> its floors from the top; who lives on one knows only those below."""

    def arrows(self, tree: str) -> list[tuple[str, str]]:
        """(from, to) from floor to floor of a tree, without those that follow from the others."""
        level = {wing.name: number for number, floor in enumerate(self.floors[tree]) for wing in floor}
        wings = {wing.name: wing for floor in self.floors[tree] for wing in floor}
        within = {name: {other for other in wing.knows if other in wings} for name, wing in wings.items()}
        below = _below(wings, within)
        return [
            (name, other)
            for name in wings
            for other in wings
            if other in within[name]
            and level[other] > level[name]
            and not any(other in below[between] for between in within[name] - {other})
        ]


def house() -> House:
    """Look at the house. Raises KeyError where a contract is missing."""
    known = _imports()
    contracts = {
        contract["id"]: contract
        for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
            "contracts"
        ]
    }
    floors = {}
    for tree in TREES:
        layers = [re.findall(r"\w+", layer) for layer in contracts[tree]["layers"]]
        there = [[f"{tree}.{word}" for word in layer if _is_there(f"{tree}.{word}")] for layer in layers]
        floors[tree] = tuple(tuple(_wing(name, known) for name in layer) for layer in there if layer)
    return House(tuple(_wing(name, known) for name in STANDS_ON_SIM), floors)


def _below(wings: dict[str, Wing], within: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Name -> all that can be reached from it; wings are given from the top."""
    below: dict[str, set[str]] = {}
    for name in reversed(wings):
        below[name] = within[name].union(*(below.get(other, set()) for other in sorted(within[name])))
    return below


def _imports() -> dict[str, set[str]]:
    """Wing -> the wings that it imports."""
    graph = grimp.build_graph(*TREES, *STANDS_ON_SIM, cache_dir=None)
    known: dict[str, set[str]] = {}
    for module in sorted(graph.modules):
        home = _wing_of(module)
        for imported in sorted(graph.find_modules_directly_imported_by(module)):
            if _wing_of(imported) != home and home not in TREES:
                known.setdefault(home, set()).add(_wing_of(imported))
    return known


def _wing_of(module: str) -> str:
    parts = module.split(".")
    return parts[0] if parts[0] in STANDS_ON_SIM else ".".join(parts[:2])


def _is_there(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return (path / "__init__.py").is_file() or path.with_suffix(".py").is_file()


def _wing(name: str, known: Mapping[str, set[str]]) -> Wing:
    path = ROOT / name.replace(".", "/")
    source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    rooms = () if name in STANDS_ON_SIM or not path.is_dir() else _rooms(path)
    return Wing(name, _purpose(source), rooms, tuple(sorted(known.get(name, ()))))


def _purpose(source: Path) -> str:
    """The first sentence of a module's docstring."""
    text = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    flat = " ".join(text.split("\n\n")[0].split())
    return re.split(r"(?<=[.?!]) ", flat)[0].rstrip(".").replace("`", "")


def _rooms(folder: Path) -> tuple[str, ...]:
    folders = []
    for inner in sorted(path.parent for path in folder.glob("*/__init__.py")):
        nested = ", ".join(f"{path.parent.name}/" for path in sorted(inner.glob("*/__init__.py")))
        folders.append(f"{inner.name}/ ({nested})" if nested else f"{inner.name}/")
    return (*folders, *sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__"))
