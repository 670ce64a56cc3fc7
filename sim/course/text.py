"""A lesson's Markdown as lines for a terminal: headings, paragraphs, lists, tables and blocks, wrapped to a width."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

INDENT = "  "
CODE_INDENT = "    "
READABLE = 78
"""Columns; longer lines of prose tire the eye."""

_BEGIN, _END = "\x01", "\x02"
_STRONG = re.compile(r"\*\*(.+?)\*\*|(?<![*\w])\*(?!\s)([^*]+?)\*")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
_BULLET = re.compile(r"(?P<mark>- |\d+\. )(?P<text>.*)")
_RULE = re.compile(r"\|[-| :]+\|")


def rendered(lines: Sequence[str], *, width: int, strong: Callable[[str], str]) -> list[str]:
    """Give Markdown as lines of at most `width` columns; `strong` gives a text its weight, and adds no columns."""
    width = min(width, READABLE)
    found: list[str] = []
    for block in _blocks(lines):
        if found and found[-1]:
            found.append("")
        found += _rendered_block(block, width, strong)
    return found


def indented(source: str) -> list[str]:
    """Give code or output as it is, set off from the text."""
    return [f"{CODE_INDENT}{line}".rstrip() for line in source.splitlines()]


def _blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    """Cut at empty lines, but not within fences."""
    block: list[str] = []
    is_fenced = False
    for line in lines:
        if line.startswith("```"):
            is_fenced = not is_fenced
            if is_fenced and block:
                yield block
                block = []
        if line.strip() or is_fenced:
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _rendered_block(block: list[str], width: int, strong: Callable[[str], str]) -> list[str]:
    first = block[0]
    if first.startswith("```"):
        return indented("\n".join(block[1:-1]))
    if first.startswith("#"):
        return [strong(first.lstrip("# "))]
    if first.startswith("|"):
        return _table(block, width, strong)
    if _BULLET.match(first):
        return [line for item in _items(block) for line in _item(item, width, strong)]
    return _wrapped(" ".join(block), width, INDENT, INDENT, strong)


def _items(block: Iterable[str]) -> list[str]:
    items: list[str] = []
    for line in block:
        if _BULLET.match(line) or not items:
            items.append(line)
        else:
            items[-1] += f" {line.strip()}"
    return items


def _item(item: str, width: int, strong: Callable[[str], str]) -> list[str]:
    match = _BULLET.match(item)
    assert match is not None, item
    mark = match["mark"]
    return _wrapped(match["text"], width, f"{INDENT}{mark}", INDENT + " " * len(mark), strong)


def _table(block: list[str], width: int, strong: Callable[[str], str]) -> list[str]:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block if not _RULE.fullmatch(line)]
    # The last column takes what the others leave.
    sizes = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)][:-1]
    found = []
    for number, row in enumerate(rows):
        begin = INDENT + "".join(f"{cell:<{size + 2}}" for cell, size in zip(row, sizes, strict=False))
        lines = _wrapped(row[-1], width, begin, " " * len(begin), strong)
        found += [strong(line) for line in lines] if number == 0 else lines
    return found


def _wrapped(text: str, width: int, first: str, other: str, strong: Callable[[str], str]) -> list[str]:
    """Fill lines with words; marks of weight take no room."""
    text = _LINK.sub(r"\1 (\2)", text)
    text = _STRONG.sub(lambda match: f"{_BEGIN}{match[1] or match[2]}{_END}", text)
    lines = [first]
    columns = len(first)
    has_words = False
    for word in text.split():
        size = len(word) - word.count(_BEGIN) - word.count(_END)
        if has_words and columns + 1 + size > width:
            lines.append(other)
            columns, has_words = len(other), False
        lines[-1] += f" {word}" if has_words else word
        columns += size + has_words
        has_words = True
    return _weighted(lines, strong)


def _weighted(lines: list[str], strong: Callable[[str], str]) -> list[str]:
    """Give each marked stretch its weight, line by line."""
    found, is_strong = [], False
    for line in lines:
        pieces = []
        for piece in re.split(f"([{_BEGIN}{_END}])", line):
            if piece in {_BEGIN, _END}:
                is_strong = piece == _BEGIN
            elif piece:
                pieces.append(strong(piece) if is_strong and piece.strip() else piece)
        found.append("".join(pieces))
    return found
