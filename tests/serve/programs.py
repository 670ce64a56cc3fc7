"""The programs of docs/serve.md, as they stand there but for the address and the number of rounds."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parent.parent.parent / "docs" / "serve.md"
ROUNDS = "200"
_BLOCK = re.compile(r"^\*\*(?P<name>[^*]+)\*\*[^\n]*\n\n```\w+\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"^- \*\*(?P<name>[^*]+)\*\*, (?:not )?idempotent: `(?P<line>[^`]+)`$", re.MULTILINE)


def program(name: str, *, bootstrap: str, rounds: int, is_turned: bool = False) -> str:
    """Give the program under that name in bold. It begins with any of `bootstrap`, as the first broker may be down by then.

    `is_turned` puts that line of the page into it which makes an idempotent producer a plain one, or a plain one idempotent.
    """
    page = PAGE.read_text(encoding="utf-8")
    text = {match["name"]: match["text"] for match in _BLOCK.finditer(page)}[name]
    assert ROUNDS in text
    if is_turned:
        text = _with_line(text, {match["name"]: match["line"] for match in _LINE.finditer(page)}[name])
    return text.replace("127.0.0.1:9092", bootstrap).replace(ROUNDS, str(rounds))


def _with_line(text: str, line: str) -> str:
    """Put a line in place of the one that begins like it, up to its first equals sign."""
    begins = line[: line.index("=") + 1]
    lines = text.splitlines(keepends=True)
    (place,) = (number for number, one in enumerate(lines) if one.strip().startswith(begins))
    indent = lines[place][: len(lines[place]) - len(lines[place].lstrip())]
    lines[place] = f"{indent}{line}\n"
    return "".join(lines)
