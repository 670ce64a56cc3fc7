"""The programs of docs/serve.md, as they stand there but for the address and the number of rounds."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parent.parent.parent / "docs" / "serve.md"
ROUNDS = "200"
_BLOCK = re.compile(r"^\*\*(?P<name>[^*]+)\*\*[^\n]*\n\n```\w+\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)


def program(name: str, *, bootstrap: str, rounds: int) -> str:
    """Give the program under that name in bold. It begins with any of `bootstrap`, as the first broker may be down by then."""
    found = {match["name"]: match["text"] for match in _BLOCK.finditer(PAGE.read_text(encoding="utf-8"))}
    text = found[name]
    assert ROUNDS in text
    return text.replace("127.0.0.1:9092", bootstrap).replace(ROUNDS, str(rounds))
