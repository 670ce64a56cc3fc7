"""What the README shows can be copied: each block of Python is whole, and its scenario tells the story that it asks about."""

import re
from pathlib import Path

from tests.cli.command import ROOT
from tests.cli.conftest import Acklab

BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


def test_every_block_of_python_is_whole() -> None:
    assert len(BLOCKS) == 3
    for block in BLOCKS:
        compile(block, "README.md", "exec")


def test_scenario_copied_into_a_file_runs_and_breaks_what_it_expects(acklab: Acklab, tmp_path: Path) -> None:
    story = tmp_path / "my_story.py"
    story.write_text(next(block for block in BLOCKS if "SCENARIO" in block), encoding="utf-8")

    told = acklab("run", str(story))

    assert (told.status, told.err) == (1, "")
    assert "acks_one_leader_crash, seed 0" in told.out
    assert "VIOLATED by 15 of 30 records: an acknowledged record stays in the" in told.out
