"""The wheel is whole: built without a warning and put into a bare environment, it works far from the checkout."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import pytest

import producer
import sim
from tests.architecture.processes import PROCESS_S_MAX, ROOT
from tests.builds import pure_only

pytestmark = pure_only("it builds the pure wheel")

TREES = ("producer", "sim", "scenarios", "tutorials")
BESIDE = ("pyproject.toml", "README.md", "LICENSE")
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--isolated")
VIOLATED = 1


class Done(NamedTuple):
    status: int
    out: str
    err: str


class Built(NamedTuple):
    wheel: Path
    said: str


def process(*words: str, cwd: Path, **environment: str) -> Done:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_", "COV"))}
    done = subprocess.run(
        words,
        cwd=cwd,
        env=clean | environment,
        capture_output=True,
        encoding="utf-8",
        timeout=PROCESS_S_MAX,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The wheel, from a copy of the sources, and all that was said while it was built."""
    source = tmp_path_factory.mktemp("source")
    for tree in TREES:
        shutil.copytree(ROOT / tree, source / tree, ignore=shutil.ignore_patterns("__pycache__"))
    for file in BESIDE:
        shutil.copy(ROOT / file, source)
    words = ("wheel", "--verbose", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", "dist", ".")
    done = process(*PIP, *words, cwd=source)
    assert done.status == 0, done.out + done.err
    (wheel,) = (source / "dist").iterdir()
    return Built(wheel, done.out + done.err)


@pytest.fixture(scope="module")
def bare(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel and what it needs; the project's own folder is not in reach."""
    home = tmp_path_factory.mktemp("bare")
    venv.create(home, with_pip=False, symlinks=True)
    programs = home / "bin"
    words = ("install", "--no-index", "--no-deps", str(built.wheel))
    done = process(*PIP, "--python", str(programs / "python"), *words, cwd=home)
    assert done.status == 0, done.out + done.err
    # Its dependencies are those of the environment that runs the tests: a folder named in a .pth file is looked into,
    # but .pth files of its own, such as that of an editable installation, are not.
    packages = sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)})
    (Path(packages) / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return programs


@pytest.fixture
def installed(bare: Path, tmp_path: Path) -> Callable[..., Done]:
    """Run a program of the bare environment in an empty folder."""

    def run(program: str, *words: str, **environment: str) -> Done:
        state = {"ACKLAB_STATE": str(tmp_path / "state"), "COLUMNS": "80"}
        return process(str(bare / program), *words, cwd=tmp_path, **state, **environment)

    return run


def test_it_is_built_without_a_warning(built: Built) -> None:
    # (pip itself switches the writing of .pyc files off.)
    warned = [line for line in built.said.splitlines() if "arning" in line and "byte-compiling is disabled" not in line]

    assert warned == []


def test_every_file_is_in_it(built: Built) -> None:
    wanted = {
        str(path.relative_to(ROOT))
        for tree in TREES
        for path in (ROOT / tree).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with ZipFile(built.wheel) as opened:
        packed = {name for name in opened.namelist() if ".dist-info/" not in name}

    # The door stands beside the rooms there, so that it can say who took their names.
    assert packed == {name.removeprefix("sim/door/") for name in wanted}


def test_the_scenarios_are_listed(installed: Callable[..., Done]) -> None:
    told = installed("acklab", "list")

    assert (told.status, told.err) == (0, "")
    assert "acks_one_leader_crash" in told.out


def test_a_scenario_runs(installed: Callable[..., Done]) -> None:
    told = installed("acklab", "run", "acks_one_leader_crash")

    assert (told.status, told.err) == (VIOLATED, "")
    assert "15 of 30" in told.out


def test_the_course_is_there(installed: Callable[..., Done], tmp_path: Path) -> None:
    listed, started = installed("acklab", "learn", "list"), installed("acklab", "learn", "start", "acks")

    assert (listed.status, listed.err) == (0, "")
    assert "acks" in listed.out
    assert (started.status, started.err) == (0, "")
    assert (tmp_path / "acklab-course" / "02_acks" / "exercise.py").is_file()


def test_the_public_names_are_those_of_the_wheel(installed: Callable[..., Done], bare: Path) -> None:
    lines = [
        *(f"from {face.__name__} import {name}" for face in (producer, sim) for name in face.__all__),
        "print(Producer.__module__, sys.modules['sim'].__file__)",
    ]

    told = installed("python", "-c", "import sys\n" + "\n".join(lines))

    assert (told.status, told.err) == (0, "")
    assert str(bare.parent) in told.out


def test_a_story_of_ones_own_runs(installed: Callable[..., Done], tmp_path: Path) -> None:
    story = (ROOT / "scenarios" / "acks_one_leader_crash.py").read_text(encoding="utf-8")
    (tmp_path / "my_story.py").write_text(story, encoding="utf-8")

    assert installed("acklab", "run", "./my_story.py").status == VIOLATED


def test_the_doctor_says_what_stands_in_the_place_of_ours(installed: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "sim.py").touch()

    told = installed("acklab", "doctor")

    assert told.status == 1
    assert f"by {tmp_path / 'sim.py'}" in told.out


def test_a_folder_without_packages_stands_in_nobody_s_place(installed: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "sim").mkdir()

    told = installed("acklab", "doctor")

    assert f"by {tmp_path / 'sim'}" not in told.out


def test_where_ours_cannot_be_had_at_all_the_command_says_why(installed: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "sim.py").touch()

    told = installed("acklab", "list", PYTHONPATH=str(tmp_path))

    assert told.status == 2
    assert f"`import sim` finds {tmp_path / 'sim.py'}" in told.err
    assert "Traceback" not in told.err
