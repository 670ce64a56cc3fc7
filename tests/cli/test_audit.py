"""`acklab audit verify`: the status says whether, the line says where and what was done."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Acklab
from tests.unit.producer.governance.audit.test_chain import LINES


@pytest.fixture
def audit(tmp_path: Path) -> Path:
    path = tmp_path / "audit.jsonl"
    path.write_bytes(b"".join(LINES))
    return path


def test_a_whole_audit_ends_with_0_and_tells_its_head(acklab: Acklab, audit: Path) -> None:
    told = acklab("audit", "verify", str(audit))

    assert told.status == 0
    assert told.out.startswith(f"{audit}: 10 lines, whole\n  head 9:")
    head = told.out.split()[-1]
    assert acklab("audit", "verify", str(audit), "--head", head).status == 0
    audit.write_bytes(b"".join(LINES[:7]))
    cut = acklab("audit", "verify", str(audit), "--head", head)
    assert (cut.status, cut.out.partition(": 3 lines")[0]) == (1, f"{audit}:8: cut")


def test_a_broken_one_ends_with_1_and_names_the_first_broken_line(acklab: Acklab, audit: Path) -> None:
    audit.write_bytes(b"".join([*LINES[:3], *LINES[4:]]))

    told = acklab("audit", "verify", str(audit))

    assert (told.status, told.out) == (1, f"{audit}:4: removed: line 3 is missing before it\n")


def test_programs_are_told_as_json(acklab: Acklab, audit: Path) -> None:
    audit.write_bytes(b"".join(LINES)[:-5])

    said = json.loads(acklab("audit", "verify", str(audit), "--json").out)

    assert said["is_whole"] is True
    assert said["torn_bytes"] == len(LINES[-1]) - 5
    assert said["without_outcome"] == [["billing-1", 5]]


def test_what_is_no_file_or_no_head_is_usage(acklab: Acklab, audit: Path) -> None:
    assert acklab("audit", "verify", str(audit), "--head", "9").status == 2
    assert acklab("audit", "verify", str(audit.parent / "none")).status == 2
