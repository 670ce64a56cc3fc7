"""`acklab doctor`: what is here, what is optional, what is missing, and the command that installs it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand

from sim.cli.compiled import compiled_modules
from sim.cli.doctor_profile import explain
from sim.cli.endings import Exit, ends
from sim.cli.options import AsJson
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


ProfileName = Annotated[
    str | None,
    typer.Option("--profile", metavar="NAME", help="Explain a profile of producer properties instead."),
]


class DoctorCommand(TyperCommand):
    """Lets `--profile` stand without a name: the answer lists the names."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        following = [*args[1:], "-"]
        words = [
            f"{word}=" if word == "--profile" and next_word.startswith("-") else word
            for word, next_word in zip(args, following, strict=False)
        ]
        return super().parse_args(ctx, words)


@ends
def doctor(profile: ProfileName = None, as_json: AsJson = False) -> int:
    """Say what is installed, what is missing, and how to get it. Exits with 1 if acklab itself lacks something."""
    if profile is not None:
        explain(profile, as_json=as_json)
        return Exit.HOLDS
    found = [*_python(), *_shadowed(), *_build(), *_packages(), *_apache_kafka()]
    is_well = all(one.is_there for one in found if one.is_required)
    if as_json:
        print(json.dumps({"format": "acklab-doctor-1", "is_well": is_well, "found": [one._asdict() for one in found]}))
        return Exit.HOLDS if is_well else Exit.VIOLATED
    for one in found:
        mark = "✓" if one.is_there else "✗" if one.is_required else "·"
        print(f"{mark} {one.name:<16}{one.detail:<14}{one.purpose}".rstrip())
        if not one.is_there:
            print(f"  {'':<16}{'to get rid of it' if one.detail == SHADOWED else 'to get it'}: {one.remedy}")
    print()
    print("everything that acklab needs is here" if is_well else "acklab lacks something: see ✗ above")
    return Exit.HOLDS if is_well else Exit.VIOLATED


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
