"""`python -m tutorials.pictures`: says which pictures are out of date; with `--write` it draws them anew."""

from __future__ import annotations

import sys
from pathlib import Path

from sim import lessons

WRITE = "--write"


def drawn() -> dict[Path, str]:
    """Draw every picture of every lesson; gives file -> content."""
    return {
        lesson.folder / name: source
        for lesson in lessons()
        if (lesson.folder / "pictures.py").is_file()
        for name, source in lesson.module("pictures").pictures().items()
    }


def main(words: list[str]) -> int:
    """Compare, or write. Gives 1 if a picture is out of date and was left so."""
    if words not in ([], [WRITE]):
        print(f"python -m tutorials.pictures [{WRITE}]", file=sys.stderr)
        return 2
    status = 0
    for path, source in drawn().items():
        if path.is_file() and path.read_text(encoding="utf-8") == source:
            continue
        if words:
            path.write_text(source, encoding="utf-8")
            print(f"written: {path}")
        else:
            print(f"out of date: {path}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
