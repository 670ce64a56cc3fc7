"""The picture of the house is what the imports say, and every place for something new exists."""

import re
from xml.etree import ElementTree as ET

import pytest

from sim.course.svg import CHARACTER_WIDTH
from tests.architecture.house import PLACES, ROOT, house
from tests.architecture.house_picture import PICTURE, drawn, main

SVG = "{http://www.w3.org/2000/svg}"


def test_it_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0, capsys.readouterr().err


def test_it_is_the_same_each_time() -> None:
    assert drawn() == drawn()


def test_every_word_of_it_lies_within_it() -> None:
    root = ET.fromstring(PICTURE.read_text(encoding="utf-8"))

    for text in root.findall(f"{SVG}text"):
        # The factor is on the wide side.
        room = len(text.text or "") * int(text.get("font-size", "0")) * CHARACTER_WIDTH * 0.92
        assert int(text.get("x", "0")) + room <= int(root.get("width", "0")), text.text


def test_every_wing_has_a_purpose() -> None:
    wings = [wing for floors in house().floors.values() for floor in floors for wing in floor]

    assert [wing.name for wing in wings if not wing.purpose] == []


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.what)
def test_the_place_for_something_new_is_there_and_listed(place: tuple[str, str, str, str]) -> None:
    what, wing, path, how = place
    page = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")

    assert (ROOT / path).exists()
    assert path.startswith(wing.replace(".", "/"))
    assert f"| {what} | `{path}` | {how} |\n" in page


def test_the_page_lists_no_other_place() -> None:
    page = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    table = page.partition("| a new … | goes to | as |\n|---|---|---|\n")[2].partition("\n\n")[0]

    assert re.findall(r"^\| (.+?) \| `", table, flags=re.MULTILINE) == [place.what for place in PLACES]


def test_an_unknown_word_is_answered_with_the_usage() -> None:
    assert main(["--draw"]) == 2
