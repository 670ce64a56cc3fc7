"""The code of a lesson's text, run block after block in one namespace, as a reader would type it."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from typing import Any

from sim.course.parts import Code, Happened


class Session:
    """What the blocks run so far have left behind."""

    def __init__(self, source: str) -> None:
        """`source` names the text in tracebacks."""
        self._source = source
        self._names: dict[str, Any] = {"__name__": "lesson"}

    def run(self, code: Code) -> str:
        """Run one block; gives what it printed. Raises whatever it raises, with the text's own line numbers."""
        out = io.StringIO()
        compiled = compile("\n" * (code.line - 1) + code.source, self._source, "exec")
        with redirect_stdout(out):
            exec(compiled, self._names)  # noqa: S102 - the lesson's own text
        return out.getvalue()

    def happened(self, happened: Happened) -> str:
        """Give the letter of the choice that came true. Raises KeyError if none did: then the text is wrong."""
        return str(eval(happened.expression, self._names))  # noqa: S307 - the lesson's own text
