r"""Text on the command line that stands for bytes: `\n`, `\t`, `\x1f`, as shells and kcat write them."""

from __future__ import annotations

import re

from sim.cli.endings import CommandError

_ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.|$)", re.DOTALL)
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"\\": b"\\"}


def shell_bytes(text: str) -> bytes:
    """Give the bytes that the shell handed over, whatever they are."""
    return text.encode("utf-8", "surrogateescape")


def unescaped(text: str, *, option: str) -> bytes:
    r"""Give the bytes that a text stands for: itself, with \n, \r, \t, \\, \xHH and octal \NNN read. Raises CommandError."""

    def one(match: re.Match[bytes]) -> bytes:
        escape = match[1]
        if escape in _NAMED:
            return _NAMED[escape]
        if escape[:1] == b"x" and len(escape) > 1:
            return bytes([int(escape[1:], 16)])
        if escape.isdigit() and int(escape, 8) < 256:
            return bytes([int(escape, 8)])
        raise CommandError(
            f"{option} {text!r}: {match[0].decode(errors='replace')!r} is none of \\n, \\r, \\t, \\\\, \\xHH and \\NNN"
        )

    return _ESCAPE.sub(one, shell_bytes(text))


def delimiter(text: str, *, option: str) -> bytes:
    """Give a delimiter, which has at least one byte. Raises CommandError."""
    found = unescaped(text, option=option)
    if not found:
        raise CommandError(f"{option} is empty: there is nothing to take records apart by")
    return found
