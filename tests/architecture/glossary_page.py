"""docs/glossary.md, written from the glossary of the screens: a program, so that a new word has its line."""

import sys

from sim.tui.glossary.table import SUBJECTS
from tests.architecture.processes import ROOT

PAGE = ROOT / "docs" / "glossary.md"
WRITE = "--write"
HEAD = """# Glossary

Every word that the screens use. `?` on a screen explains those of the line under the cursor, F1 opens them all, and
`acklab glossary WORD` tells one. This page is written from the same table (`sim/tui/glossary`) by `make map`.
"""


def drawn() -> str:
    """Give the page as it must be."""
    lines = [HEAD]
    for subject, words in SUBJECTS:
        lines += [f"## {subject}", "", "| word | what it means | see |", "|---|---|---|"]
        lines += [f"| {_cell(word.name)} | {_cell(word.meaning)} | {_cell(word.source)} |" for word in words]
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main(words: list[str]) -> int:
    """Compare, or write. Gives 1 if the page is out of date and was left so."""
    page = drawn()
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == page:
        return 0
    if words == [WRITE]:
        PAGE.write_text(page, encoding="utf-8")
        return 0
    print("docs/glossary.md is out of date: make map", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
