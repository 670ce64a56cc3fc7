"""Pictures are drawn from traces, are up to date, and say in words what they show."""

import re
from xml.etree import ElementTree as ET

import pytest

from sim import ApplicationKilled, BatchAppended, first_event, last_event, load, run, space_time
from sim.course import svg
from tutorials.pictures import drawn, main

PALETTE = {
    svg.BLUE, svg.VERMILION, svg.GREEN, svg.ORANGE, svg.SKY, svg.PURPLE, svg.INK, svg.GREY, svg.PALE, svg.PAPER,
    "#cfe6f5", "#fbe3b5", "#cdeee3", "#a63f00",
}  # fmt: skip
SVG = "{http://www.w3.org/2000/svg}"


def test_pictures_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0, f"{capsys.readouterr().out}python -m tutorials.pictures --write draws them anew"


def test_pictures_have_a_title_a_description_labels_and_colours_that_everybody_tells_apart() -> None:
    pictures = drawn()

    assert pictures
    for path, source in pictures.items():
        root = ET.fromstring(source)
        title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert root.get("role") == "img"
        assert root.get("aria-labelledby") == "title desc"
        assert title is not None
        assert title.text
        assert desc is not None
        assert len(desc.text or "") > 80
        assert len(root.findall(f"{SVG}text")) > 10, path
        assert set(re.findall(r"#[0-9a-fA-F]{6}", source)) <= PALETTE


def test_text_stays_within_the_picture() -> None:
    for path, source in drawn().items():
        root = ET.fromstring(source)
        width, height = int(root.get("width", "0")), int(root.get("height", "0"))
        for text in root.findall(f"{SVG}text"):
            size, words = int(text.get("font-size", "0")), text.text or ""
            room = round(len(words) * size * svg.CHARACTER_WIDTH)
            begin = (
                int(text.get("x", "0")) - {"start": 0, "middle": room // 2, "end": room}[text.get("text-anchor", "")]
            )
            assert begin >= 0, (path.name, words)
            assert begin + room <= width, (path.name, words)
            assert 0 < int(text.get("y", "0")) <= height, (path.name, words)


def test_unknown_word_is_answered_with_the_usage() -> None:
    assert main(["--draw"]) == 2


def test_each_client_of_a_partition_has_a_lifeline_of_its_own() -> None:
    trace = run(load("application_restarts")).trace
    killed, last = first_event(trace, ApplicationKilled), last_event(trace, BatchAppended)

    source = space_time(
        trace, "orders-0", brokers=3, from_event=killed - 40, to_event=last, title="Two lives", description="Two lives."
    )

    words = [text.text for text in ET.fromstring(source).findall(f"{SVG}text")]
    assert words.index("billing") < words.index("billing.2") < words.index("b1")
    assert "is killed" in words
    assert "producer" not in words
