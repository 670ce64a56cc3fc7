"""The table of docs/clients.md: what became of each client under each fault. `python -m tests.clients.table` makes it anew."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

from tests.clients.cell import Seen, seen
from tests.clients.faults import FAULTS, Fault, Operation
from tests.clients.libraries import LIBRARIES
from tests.clients.library import Library

PAGE = Path(__file__).parent.parent.parent / "docs" / "clients.md"
BEGIN = "<!-- table: make clients -->"
END = "<!-- end of table -->"
NOT_STRUCK = "—"
"""In a cell of a fault that has no such point, or that does not concern such a client."""

Cells = Mapping[tuple[str, str, str], str]
"""(operation, fault, library) -> what the cell says."""


def cells_to_fill() -> Iterable[tuple[Operation, Fault, Library]]:
    """Every cell in which something can happen."""
    return (
        (operation, fault, library)
        for operation in Operation
        for fault in FAULTS
        if fault.lines(operation)
        for library in LIBRARIES
    )


def key_of(operation: Operation, fault: Fault, library: Library) -> tuple[str, str, str]:
    """Name a cell as the page does."""
    return operation.value, fault.name, library.name


def text_of(found: Seen) -> str:
    """Say what a cell says."""
    return found.text if found.struck else f"{found.text} (it never came to the fault)"


def written(cells: Cells) -> str:
    """Write the table."""
    names = [library.name for library in LIBRARIES]
    lines = [", ".join(f"{name} {version(name)}" for name in names) + "."]
    for operation in Operation:
        lines += ["", f"### {operation.value[0].upper()}{operation.value[1:]}", ""]
        lines += [f"| fault | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
        for fault in FAULTS:
            if fault.lines(operation):
                said = [cells.get((operation.value, fault.name, name), NOT_STRUCK) for name in names]
                lines.append(f"| {fault.name} | {' | '.join(said)} |")
    return "\n".join(lines)


def read(page: str) -> dict[tuple[str, str, str], str]:
    """Read what `written` wrote."""
    found: dict[tuple[str, str, str], str] = {}
    operation, names = "", [""]
    for line in page.partition(BEGIN)[2].partition(END)[0].splitlines():
        if line.startswith("### "):
            operation = line.removeprefix("### ")
            operation = operation[0].lower() + operation[1:]
        if not line.startswith("| "):
            continue
        first, *rest = (cell.strip() for cell in line.strip("|").split("|"))
        if first == "fault":
            names = rest
        else:
            found |= {(operation, first, name): said for name, said in zip(names, rest, strict=True)}
    return found


def main(wanted: list[str]) -> int:
    """Fill the cells of the operations that begin with one of these words, all without any; keep the others."""
    logging.disable(logging.CRITICAL)  # clients log what faults do to them
    found = {}
    for operation, fault, library in cells_to_fill():
        key = key_of(operation, fault, library)
        if not wanted or any(" / ".join(key).startswith(word) for word in wanted):
            found[key] = text_of(seen(library, operation, fault))
            print(" / ".join(key), "->", found[key], flush=True)
    page = PAGE.read_text(encoding="utf-8")
    cells = read(page) | found
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n\n{written(cells)}\n\n{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
