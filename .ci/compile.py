"""`make compiled`: the rooms that pyproject.toml names become machine code, by mypyc, in a wheel.

All of it happens in build/compiled/, beside the pure tree, which stays what it is:

    source/     a copy of the packages, where mypyc and the C compiler work
    dist/       the wheel: every module as source, those that are compiled as an extension beside it, which Python prefers
    venv/       an environment of its own with that wheel; all else it finds in the environment that runs this program
    checkout/   the tree as it is, tests above all, with the wheel's packages in place of those at the top

Nothing is done twice: `made_of` holds the digest of what the wheel was made of. `--is-current` asks only for that.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "build" / "compiled"
SOURCE, DIST, VENV, CHECKOUT, MADE_OF = (HOME / name for name in ("source", "dist", "venv", "checkout", "made_of"))
PYTHON = VENV / "bin" / "python"
INSTALLED = Path(sysconfig.get_path("purelib", vars={"base": str(VENV), "platbase": str(VENV)}))

PACKAGES = ("producer", "sim", "scenarios", "tutorials")
COMPILED = ("producer", "sim")
PROJECT = ("pyproject.toml", "README.md", "LICENSE")
"""What a wheel is made of beside its packages."""
ABOUT = (*PROJECT, "Makefile", "CHANGELOG.md", ".ci", "docs", "scenarios", "tutorials", "tests")
"""What tests read."""
UNWANTED = shutil.ignore_patterns("__pycache__", ".*_cache", ".hypothesis")

REFUSED = 2


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the compiled wheel and install it into build/compiled/venv.")
    parser.add_argument("--is-current", action="store_true", help="exit with 0 if the wheel is of these sources")
    parser.add_argument("--is-possible", action="store_true", help="exit with 0 if this machine can compile")
    parser.add_argument("--wheel-here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.wheel_here:
        make_wheel_here()
        return 0
    if given.is_possible:
        return 0 if lacks() is None else 1
    wanted = digest()
    is_current = PYTHON.exists() and MADE_OF.exists() and MADE_OF.read_text() == wanted
    if given.is_current:
        return 0 if is_current else 1
    if not is_current:
        lacking = lacks()
        if lacking is not None:
            print(f"make compiled: {lacking}\n(all of acklab runs without it, in pure Python)", file=sys.stderr)
            return REFUSED
        print(f"make compiled: {len(modules(ROOT))} modules, some minutes", flush=True)
        MADE_OF.unlink(missing_ok=True)
        copy((*PACKAGES, *PROJECT), SOURCE)
        # Now, and not when the wheel is there: the tests must be of the same moment.
        copy(ABOUT, CHECKOUT)
        # setuptools would rather be called by a program of its own kind, and says so.
        quiet = os.environ | {"PYTHONWARNINGS": "ignore"}
        words = [sys.executable, str(Path(__file__)), "--wheel-here"]
        if subprocess.run(words, cwd=SOURCE, env=quiet, check=False).returncode:
            print("make compiled: mypyc or the C compiler failed, as told above", file=sys.stderr)
            return 1
        install()
        MADE_OF.write_text(wanted)
    else:
        copy(ABOUT, CHECKOUT)
    for package in COMPILED:
        shutil.rmtree(CHECKOUT / package, ignore_errors=True)
        shutil.copytree(INSTALLED / package, CHECKOUT / package, ignore=UNWANTED)
    print(f"make compiled: {VENV.relative_to(ROOT)}/bin/acklab")
    return 0


def lacks() -> str | None:
    """What compiling needs and this machine does not have, a C compiler or Python's headers, and how to get it."""
    words = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    if shutil.which(words[0]) is None:
        return f"no C compiler: {words[0]} is not on the PATH; to get one: apt-get install gcc"
    header = Path(sysconfig.get_path("include")) / "Python.h"
    if not header.exists():
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-dev"
        return f"Python's headers are missing: no {header}; to get them: apt-get install {package}"
    return None


def modules(packages: Path) -> list[str]:
    """Give the files to compile, as pyproject.toml says, sorted and relative to the folder that the packages are in."""
    said = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["acklab"]["compiled"]
    found = {path for room in said["rooms"] for path in files_of(packages, room)}
    pure = {path for room in said["pure"] for path in files_of(packages, room)}
    return sorted(found - pure)


def files_of(root: Path, room: str) -> Iterator[str]:
    """Give one file, or every module below a folder. Raises FileNotFoundError if there is none."""
    path = root / room
    paths = list(path.rglob("*.py")) if path.is_dir() else [path]
    if not paths or not paths[0].exists():
        raise FileNotFoundError(f"[tool.acklab.compiled] in pyproject.toml names {room}, which is not there")
    for one in paths:
        yield one.relative_to(root).as_posix()


def digest() -> str:
    """Tell one state of everything that goes into the wheel from any other."""
    told = sha256(f"{sys.version} mypy {version('mypy')}".encode())
    files = [ROOT / name for name in PROJECT] + [
        path for package in PACKAGES for path in sorted((ROOT / package).rglob("*")) if "__pycache__" not in path.parts
    ]
    for path in (Path(__file__), *files):
        if path.is_file():
            told.update(f"{path.relative_to(ROOT)}\n".encode())
            told.update(sha256(path.read_bytes()).digest())
    return told.hexdigest()


def copy(names: tuple[str, ...], target: Path) -> None:
    """Put fresh copies of files and folders of the tree into `target`; what else is there stays."""
    target.mkdir(parents=True, exist_ok=True)
    for name in names:
        source, copied = ROOT / name, target / name
        if source.is_dir():
            shutil.rmtree(copied, ignore_errors=True)
            shutil.copytree(source, copied, ignore=UNWANTED)
        elif source.exists():
            shutil.copy2(source, copied)


def make_wheel_here() -> None:
    """Compile the packages in the current folder, and pack them."""
    from mypyc.build import mypycify
    from setuptools import setup
    from setuptools.command.build_ext import build_ext

    shutil.rmtree(DIST, ignore_errors=True)
    shutil.rmtree("build", ignore_errors=True)
    files = modules(Path())
    libraries: list[tuple[list[str], str | None]] = [
        ([file for file in files if file.startswith(f"{package}/")], f"acklab_{package}") for package in COMPILED
    ]
    # A file of C for each module: over a whole package in one file, gcc sits for ten minutes, on a single core.
    extensions = mypycify(files, opt_level="2", debug_level="0", separate=libraries, multi_file=True)
    for extension in extensions:
        # What a library's files call in each other stays inside it, so that the calls are direct; and the table of what
        # another library exports, which mypyc's headers define in every file of a library, is one.
        extension.extra_compile_args += ["-fvisibility=hidden", "-fcommon"]

    with ThreadPoolExecutor(os.cpu_count()) as cores:

        class BuildOnAllCores(build_ext):  # type: ignore[misc]  # setuptools publishes no types
            """setuptools links as many libraries at once as it is told to, and compiles the files of one in turn."""

            def build_extensions(self) -> None:
                compile_in_turn = self.compiler.compile

                def compile_at_once(sources: list[str], **options: Any) -> list[str]:
                    made = cores.map(lambda source: compile_in_turn([source], **options), sources)
                    return [file for files in made for file in files]

                self.compiler.compile = compile_at_once
                super().build_extensions()

        setup(
            script_args=["--quiet", "bdist_wheel", "--dist-dir", str(DIST)],
            ext_modules=extensions,
            cmdclass={"build_ext": BuildOnAllCores},
            options={"build_ext": {"parallel": os.cpu_count()}},
        )


def install() -> None:
    """Make the environment anew: the wheel, and the path to everything else that this program's own environment has."""
    venv.create(VENV, clear=True, symlinks=True)
    # As a path and not as a site: the pure tree's editable installation, a file for the site, is passed by.
    (INSTALLED / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (wheel,) = DIST.glob("*.whl")
    words = ["--quiet", "--disable-pip-version-check", "install", "--no-index", "--no-deps", "--force-reinstall"]
    subprocess.run([sys.executable, "-m", "pip", "--python", str(PYTHON), *words, str(wheel)], check=True)


if __name__ == "__main__":
    raise SystemExit(main())
