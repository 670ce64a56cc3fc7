"""Which build of acklab this is: pure Python, or one whose inner rooms `make compiled` made into machine code."""

from __future__ import annotations

from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import producer
import sim


def compiled_modules() -> list[str]:
    """Names of the modules that are machine code here, sorted; none of them in pure Python."""
    found = []
    for package in (producer, sim):
        assert package.__file__ is not None, (
            f"{package.__name__} is a namespace: another folder of that name shadows it"
        )
        home = Path(package.__file__).parent
        for path in home.rglob(f"*{EXTENSION_SUFFIXES[0]}"):
            name = path.name.removesuffix(EXTENSION_SUFFIXES[0])
            words = (package.__name__, *path.parent.relative_to(home).parts, *([] if name == "__init__" else [name]))
            found.append(".".join(words))
    return sorted(found)
