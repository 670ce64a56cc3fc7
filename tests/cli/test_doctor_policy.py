"""`acklab doctor --policy`: each property with its layer, each violation with both, and the status says whether there is any."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Acklab


@pytest.fixture
def bundles(tmp_path: Path) -> Path:
    path = tmp_path / "bundles.json"
    path.write_text(
        json.dumps({
            "format": "acklab-bundles-1",
            "bundles": [{"layer": "organisation", "name": "acme", "properties": {"acks": {"value": "all", "locked": True}}}],
            "applications": [
                {"name": "audit", "properties": {"linger.ms": 50}}, {"name": "shop", "properties": {"acks": 1}},
            ],
        }),
        encoding="utf-8",
    )  # fmt: skip
    return path


def test_it_explains_layers_and_names_both_sides_of_a_violation(acklab: Acklab, bundles: Path) -> None:
    told = acklab("doctor", "--policy", str(bundles))

    assert told.status == 1
    assert "audit: organisation acme < application audit\n  acks=all      organisation acme, locked" in told.out
    assert "✗ acks=1 of application shop is refused: organisation acme locks it to all" in told.out


def test_without_a_violation_it_ends_with_0(acklab: Acklab, bundles: Path) -> None:
    read = json.loads(bundles.read_text(encoding="utf-8"))
    del read["applications"][1]
    bundles.write_text(json.dumps(read), encoding="utf-8")

    assert acklab("doctor", "--policy", str(bundles)).status == 0


def test_programs_are_told_as_json(acklab: Acklab, bundles: Path) -> None:
    said = json.loads(acklab("doctor", "--policy", str(bundles), "--json").out)

    assert [one["application"] for one in said["applications"]] == ["audit", "shop"]
    assert said["applications"][1]["refused"][0]["locked_by"] == "organisation acme"


def test_a_file_that_is_wrong_is_usage(acklab: Acklab, tmp_path: Path) -> None:
    path = tmp_path / "bundles.json"
    path.write_text("{}", encoding="utf-8")

    assert acklab("doctor", "--policy", str(path)).status == 2
    assert acklab("doctor", "--policy", str(path), "--profile", "safe").status == 2
