"""Pictures are drawn from traces, are up to date, and say in words what they show."""

import re
from xml.etree import ElementTree as ET

import pytest

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
