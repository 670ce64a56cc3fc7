"""What `acklab doctor` finds: Python, packages and programs, and names of ours that somebody else has taken."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import NamedTuple

from sim.cli.compiled import compiled_modules
from sim.cli.shadows import shadows

PYTHON_MIN = (3, 11)
JAVA_MIN = 17
VERSION_S_MAX = 20
SHADOWED = "shadowed"
PYPROJECT = Path(__file__).parent.parent.parent / "pyproject.toml"

_NAME = re.compile(r"[\w.-]+")
_EXTRA = re.compile(r"""extra == ['"](\w+)""")


class Found(NamedTuple):
    """One thing that was looked for."""

    name: str
    is_there: bool
    is_required: bool
    """Without it `acklab` itself does not work."""
    detail: str
    """Its version, or what is wrong."""
    remedy: str
    """The command that installs it, or what to do about what stands in the way; empty if there is nothing to do."""
    purpose: str


def findings() -> Iterator[Found]:
    """Look for everything that acklab and its tests can use."""
    yield from _python()
    yield from _shadowed()
    yield from _build()
    yield from _packages()
    yield from _apache_kafka()


def _python() -> Iterator[Found]:
    is_there = sys.version_info[:2] >= PYTHON_MIN
    wanted = ".".join(map(str, PYTHON_MIN))
    detail = ".".join(map(str, sys.version_info[:3]))
    yield Found("python", is_there, True, detail, f"install Python {wanted} or later", f"{wanted} or later")


def _shadowed() -> Iterator[Found]:
    for one in shadows():
        yield Found(one.name, False, True, SHADOWED, one.remedy, f"by {one.where}")


def _build() -> Iterator[Found]:
    compiled = compiled_modules()
    detail = "compiled" if compiled else "pure Python"
    purpose = f"{len(compiled)} modules are machine code" if compiled else "make compiled builds a faster one"
    yield Found("acklab", True, True, detail, "", purpose)


def _packages() -> Iterator[Found]:
    for name, extra in requirements():
        if extra not in {"", "test"}:
            continue
        try:
            detail, is_there = version(name), True
        except PackageNotFoundError:
            detail, is_there = "missing", False
        remedy = "python -m pip install acklab" if not extra else "python -m pip install 'acklab[test]'"
        yield Found(name, is_there, not extra, detail, remedy, "for the tests" if extra else "needed")


def requirements() -> list[tuple[str, str]]:
    """Give (package, extra) of everything that acklab asks for; the extra is empty for what it cannot do without."""
    try:
        declared = requires("acklab") or []
    except PackageNotFoundError:
        declared = list(_declared_in_source())
    found = []
    for text in declared:
        name = _NAME.match(text)
        extra = _EXTRA.search(text)
        assert name is not None, text
        found.append((name[0], extra[1] if extra else ""))
    return found


def _declared_in_source() -> Iterator[str]:
    """Read pyproject.toml beside the source, written as installed metadata would have it."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    yield from project["dependencies"]
    for extra, texts in project["optional-dependencies"].items():
        yield from (f"{text}; extra == '{extra}'" for text in texts)


def _apache_kafka() -> Iterator[Found]:
    purpose = "for make interop (Apache Kafka)"
    # The compiler and not `java`: a JRE runs the brokers, but Java's producer is driven by a program of ours.
    text = _first_line("javac", "-version")
    major = re.search(r"javac (\d+)", text)
    is_there = major is not None and int(major[1]) >= JAVA_MIN
    remedy = f"a JDK {JAVA_MIN} or later, such as: apt-get install openjdk-{JAVA_MIN}-jdk-headless"
    yield Found("javac", is_there, False, major[1] if major else "missing", remedy, purpose)
    text = _first_line("mvn", "--version")
    maven = re.search(r"Apache Maven ([\d.]+)", text)
    remedy = "apt-get install maven"
    yield Found("maven", maven is not None, False, maven[1] if maven else "missing", remedy, purpose)


def _first_line(program: str, *words: str) -> str:
    """Give what a program says of itself; nothing if it is not there."""
    path = shutil.which(program)
    if path is None:
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - two programs that are named above
            [path, *words], capture_output=True, text=True, timeout=VERSION_S_MAX, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout + done.stderr
