"""`acklab lineage impact`: what a change reaches, as text, as JSON and as a picture."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from producer.governance.lineage.graph import events_from
from sim.course.svg import CHARACTER_WIDTH
from tests.cli.conftest import Acklab
from tests.unit.producer.governance.lineage.shop import EVENTS

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def events(tmp_path: Path) -> str:
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(map(json.dumps, EVENTS)), encoding="utf-8")
    return str(path)


def test_it_lists_what_a_change_reaches_and_by_what(acklab: Acklab, events: str) -> None:
    told = acklab("lineage", "impact", "orders.amount", "--events", events)

    assert told.status == 0
    lines = told.out.splitlines()
    assert lines[0] == "a change of orders.amount reaches 6:"
    assert "  job     billing                   by orders.amount" in lines
    assert "  field   sales.public.revenue.sum  by invoices.total" in lines
    assert "  job     mailer                    by orders.amount  (perhaps: nobody says which fields)" in lines


def test_nobody_is_said_as_well(acklab: Acklab, events: str) -> None:
    assert acklab("lineage", "impact", "letters", "--events", events).out == (
        "letters: nobody reads it, as far as these events tell\n"
    )


def test_programs_are_told_as_json(acklab: Acklab, events: str) -> None:
    said = json.loads(acklab("lineage", "impact", "invoices", "--events", events, "--json").out)

    assert said["what"]["name"] == "invoices"
    assert [(one["kind"], one["name"], one["steps"]) for one in said["affected"]] == [
        ("job", "warehouse", 1), ("dataset", "sales.public.revenue", 2),
    ]  # fmt: skip


def test_the_picture_has_each_of_them_within_it_and_is_the_same_each_time(
    acklab: Acklab, events: str, tmp_path: Path
) -> None:
    pictures = [tmp_path / "one.svg", tmp_path / "two.svg"]
    for path in pictures:
        assert acklab("lineage", "impact", "orders.amount", "--events", events, "--svg", str(path)).status == 0

    root = ET.fromstring(pictures[0].read_text(encoding="utf-8"))
    words = [text.text or "" for text in root.findall(f"{SVG}text")]
    assert {"field orders.amount", "job billing", "job mailer", "field sales.public.revenue.sum"} <= set(words)
    for text in root.findall(f"{SVG}text"):
        half = len(text.text or "") * int(text.get("font-size", "0")) * CHARACTER_WIDTH / 2
        assert int(text.get("x", "0")) + (half if text.get("text-anchor") == "middle" else 0) <= int(
            root.get("width", "0")
        )
    assert pictures[0].read_bytes() == pictures[1].read_bytes()


@pytest.mark.parametrize("word, message", [("order", "no event tells of it"), ("orders.x", "has no such field")])
def test_what_is_not_there_is_usage(acklab: Acklab, events: str, word: str, message: str) -> None:
    told = acklab("lineage", "impact", word, "--events", events)

    assert (told.status, message in told.err) == (2, True)


def test_a_file_that_is_no_lineage_is_usage(acklab: Acklab, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("{", encoding="utf-8")

    assert acklab("lineage", "impact", "orders", "--events", str(path)).status == 2
    assert acklab("lineage", "impact", "orders", "--events", str(tmp_path / "none")).status == 2


@pytest.mark.parametrize("word", ["orders.amount", "orders.total"])
def test_on_the_command_line_a_run_writes_what_impact_reads(acklab: Acklab, tmp_path: Path, word: str) -> None:
    file = tmp_path / "events.jsonl"

    assert acklab("run", "lineage_names_who_breaks", "--lineage", str(file)).status == 1
    assert len(events_from(file.read_text())) > 4
    told = json.loads(acklab("lineage", "impact", word, "--events", str(file), "--json").out)
    # What the shop wrote last holds: nobody reads `total`, and billing still wants its `amount`.
    assert [one["name"] for one in told["affected"]] == (["billing"] if word == "orders.amount" else [])


def test_a_file_that_cannot_be_written_is_named_before_anything_runs(acklab: Acklab, tmp_path: Path) -> None:
    ended = acklab("run", "lineage_names_who_breaks", "--lineage", str(tmp_path / "missing" / "events.jsonl"))

    assert ended.status == 2
    assert "missing" in ended.err
