"""The table of faults in docs/stories.md, written from the catalogue: a program, so that a new fault has its line."""

import re
import sys

from sim.faults import FAULT_TYPES
from tests.architecture.processes import ROOT

PAGE = ROOT / "docs" / "stories.md"
BEGIN, END = "<!-- faults: make map -->", "<!-- end of faults -->"
WRITE = "--write"


def rows() -> str:
    """Give the table: every line that a fault is an example of itself with, and what it does."""
    lines = ["| line | what happens |", "|---|---|"]
    for fault_type in FAULT_TYPES:
        examples = "<br>".join(f"`{example}`" for example in fault_type.EXAMPLE.split(" | "))
        lines.append(f"| {examples} | {(fault_type.__doc__ or '').splitlines()[0]} |")
    return "\n".join(lines)


def drawn() -> str:
    """Give the page with the table as it must be."""
    page = PAGE.read_text(encoding="utf-8")
    return re.sub(rf"(?<={BEGIN}\n).*?(?={END})", lambda _: f"\n{rows()}\n\n", page, flags=re.DOTALL)


def main(words: list[str]) -> int:
    """Compare, or write. Gives 1 if the page is out of date and was left so."""
    page = drawn()
    if PAGE.read_text(encoding="utf-8") == page:
        return 0
    if words == [WRITE]:
        PAGE.write_text(page, encoding="utf-8")
        return 0
    print("docs/stories.md is out of date: make map", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
