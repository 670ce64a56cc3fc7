"""Somebody else's `sim` or `producer` is named by the doctor, with its path and what to do."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.builds import pure_only

PROCESS_S_MAX = 180


def doctor(folder: Path, **environment: str) -> tuple[int, str]:
    """Run `acklab doctor --json` in a folder; gives its exit status and output."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / "acklab"), "doctor", "--json"],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=PROCESS_S_MAX,
        check=False,
    )
    return done.returncode, done.stdout


def shadowed(printed: str) -> list[dict[str, Any]]:
    return [one for one in json.loads(printed)["found"] if one["detail"] == "shadowed"]


@pytest.mark.parametrize(
    "file",
    [
        "sim.py",
        "sim/__init__.py",
        pytest.param("sim/story.py", marks=pure_only("its packages are installed, not editable, and stand before it")),
        "producer.py",
    ],
)
def test_a_file_in_the_working_directory_is_named_with_its_path(tmp_path: Path, file: str) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).touch()
    name = file.removesuffix(".py").partition("/")[0]

    status, printed = doctor(tmp_path)

    # A folder without an __init__.py counts here: Python looks at every folder before it asks an editable installation.
    place = tmp_path / name if "/" in file else tmp_path / file
    assert [(one["name"], one["purpose"]) for one in shadowed(printed)] == [(name, f"by {place}")]
    assert status == 1


def test_another_distribution_is_named(tmp_path: Path) -> None:
    about = tmp_path / "simtool-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: simtool\nVersion: 1.0\n")
    (about / "top_level.txt").write_text("sim\n")

    status, printed = doctor(tmp_path, PYTHONPATH=str(tmp_path))

    assert [(one["name"], one["purpose"]) for one in shadowed(printed)] == [("sim", "by simtool")]
    assert "pip uninstall simtool" in shadowed(printed)[0]["remedy"]
    assert status == 1


def test_in_a_folder_of_other_things_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "simulation.py").touch()

    status, printed = doctor(tmp_path)

    assert shadowed(printed) == []
    assert status == 0
