"""`python -m tests.architecture.house_picture`: says whether docs/house.svg is what the imports say; `--write` draws it anew."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

from sim.course.svg import BLUE, GREY, INK, ORANGE, SKY, VERMILION, Board
from tests.architecture.house import PLACES, ROOT, House, Wing, house

PICTURE = ROOT / "docs" / "house.svg"
WRITE = "--write"

WIDTH, MARGIN = 940, 14
LANES = 78
"""To the right of the wings, for arrows that pass by floors."""
LEFT, RIGHT = MARGIN + 12, WIDTH - MARGIN - LANES
GAP = 14
PADDING = 10
LINE, SIZE = 17, 13
NAME_LINE, NAME_SIZE = 20, 15
NAME_WIDTH = 112
"""Of the column that holds the name, where a wing has its floor to itself."""
GLYPH = 7.3
"""Pixels that a letter of the small size takes, a little more than measured."""
GUTTER, TRACK, LANE = 18, 6, 9
ASIDE = 32
"""How far several arrows that come in stand from those that leave, where they would lie on one line."""
WALL, ROOF = "#f6f4ee", 46


@dataclass(frozen=True)
class Line:
    words: str
    colour: str = INK
    is_bold: bool = False


@dataclass
class Rectangle:
    """A wing and where it is drawn."""

    wing: Wing
    x: int
    width: int
    y: int
    is_alone: bool
    """On its floor: then the name stands beside the words, not above them."""
    height: int = 0

    @property
    def lines(self) -> list[Line]:
        return lines_of(self.wing, self.width - NAME_WIDTH if self.is_alone else self.width)


def lines_of(wing: Wing, width: int) -> list[Line]:
    """What is written in a wing's rectangle, beneath its name."""
    letters = int((width - 2 * PADDING - 3) / GLYPH)
    written = [Line(words) for words in wrap(wing.purpose, letters)]
    written += [Line(words, GREY) for words in wrap("  ".join(wing.rooms), letters, break_on_hyphens=False)]
    for place in PLACES:
        if place.wing == wing.name:
            inside = place.path.removeprefix(wing.name.replace(".", "/")).lstrip("/")
            where = f"{inside}{'' if inside.endswith('.py') else '/'}, {place.how}" if inside else place.how
            written += [Line(words, VERMILION, True) for words in wrap(f"+ a new {place.what}: {where}", letters - 4)]
    return written


class Picture:
    """The picture under way, from the top down."""

    def __init__(self, seen: House) -> None:
        self.house = seen
        self.board = Board(
            title="The house: who lives where, and who imports whom",
            description="From the top: scenarios and lessons; beneath them the simulator with its wings as floors, and beneath it "
            "the producer with its own. Each wing has its purpose, its rooms and, marked with a plus, what is added there. "
            "Arrows are imports between wings, and all of them point down.",
        )
        self.y = MARGIN

    def draw(self) -> str:
        self._top()
        for tree in self.house.floors:
            self._tree(tree)
        self._legend()
        return self.board.source(width=WIDTH, height=self.y + MARGIN)

    def _top(self) -> None:
        floor = self._floor(self.house.top, self.y)
        for one in floor:
            self._rectangle(one, full_name=True)
        self.y += max(one.height for one in floor)
        for one in floor:
            self.board.route([(one.x + one.width // 2, self.y), (one.x + one.width // 2, self.y + GUTTER)], colour=BLUE)
        self.y += GUTTER

    def _tree(self, tree: str) -> None:
        roof_y = self.y
        rows: list[list[Rectangle]] = []
        self.y += ROOF
        arrows = self.house.arrows(tree)
        level = {wing.name: number for number, floor in enumerate(self.house.floors[tree]) for wing in floor}
        tracks: dict[int, int] = {}
        for number, floor in enumerate(self.house.floors[tree]):
            row = self._floor(floor, self.y)
            rows.append(row)
            self.y += max(one.height for one in row)
            # One level stretch for each arrow that leaves into this gutter, and for each that comes to the floor below.
            tracks[number] = sum(level[a] == number or level[b] == number + 1 for a, b in arrows)
            self.y += GUTTER + TRACK * tracks[number]
        self.y += 2 - GUTTER // 2
        self.board.box(MARGIN, roof_y, WIDTH - 2 * MARGIN, self.y - roof_y, fill=WALL, edge=INK, radius=6)
        self.board.text(LEFT, roof_y + 28, f"{tree}/", size=20, is_bold=True)
        self.board.text(
            LEFT + 120, roof_y + 28, f"from {tree} import …: the names that stay (docs/public.md)", size=SIZE
        )
        for row in rows:
            for one in row:
                self._rectangle(one)
        self._arrows(arrows, rows, level)
        self.y += GAP // 2
        if tree == "sim":
            x = WIDTH // 2
            self.board.route([(x, self.y - GAP // 2), (x, self.y + GUTTER)], colour=BLUE)
            self.board.text(x + 14, self.y + 12, "the simulator knows the producer, never back", size=SIZE)
            self.y += GUTTER

    # -- wings ---------------------------------------------------------------------------------------------------------

    @staticmethod
    def _floor(wings: Sequence[Wing], y: int) -> list[Rectangle]:
        """Lay the wings of a floor side by side; all are as high as the highest."""
        width = (RIGHT - LEFT - GAP * (len(wings) - 1)) // len(wings)
        row = [
            Rectangle(wing, LEFT + number * (width + GAP), width, y, is_alone=len(wings) == 1)
            for number, wing in enumerate(wings)
        ]
        height = max((0 if one.is_alone else NAME_LINE) + LINE * len(one.lines) for one in row) + 2 * PADDING - 4
        for one in row:
            one.height = height
        return row

    def _rectangle(self, one: Rectangle, *, full_name: bool = False) -> None:
        self.board.box(one.x, one.y, one.width, one.height, edge=GREY, radius=4)
        self.board.box(one.x, one.y, 5, one.height, fill=SKY, edge=SKY)
        x, y = one.x + PADDING + 3, one.y + PADDING + 9
        name = one.wing.name if full_name else one.wing.word
        is_folder = full_name or bool(one.wing.rooms)
        self.board.text(x, y, f"{name}/" if is_folder else f"{name}.py", size=NAME_SIZE, is_bold=True, colour=BLUE)
        x, y = (x + NAME_WIDTH, y) if one.is_alone else (x, y + NAME_LINE)
        for line in one.lines:
            self.board.text(x, y, line.words, size=SIZE, colour=line.colour, is_bold=line.is_bold)
            y += LINE

    # -- arrows --------------------------------------------------------------------------------------------------------

    def _arrows(self, arrows: list[tuple[str, str]], rows: list[list[Rectangle]], level: dict[str, int]) -> None:
        """Draw each arrow: down into the gutter, level, and down again; past other floors in a lane of its own."""
        there = {one.wing.name: one for row in rows for one in row}
        used: dict[int, int] = {}
        lanes: list[int] = []
        below = {name: [b for a, b in arrows if a == name] for name in there}
        above = {name: [a for a, b in arrows if b == name] for name in there}
        for source, target in arrows:
            start, end = there[source], there[target]
            x1 = _port(start, below[source].index(target), len(below[source]))
            x2 = _port(end, above[target].index(source), len(above[target]))
            if len(above[target]) > 1:
                x2 += ASIDE
            if abs(x1 - x2) < ASIDE // 4:
                x2 = x1
            points = [(x1, start.y + start.height)]
            first, last = level[source], level[target] - 1
            if first == last and x1 != x2:
                y = self._track(rows[first], first, used)
                points += [(x1, y), (x2, y)]
            elif first != last:
                y1, y2 = self._track(rows[first], first, used), self._track(rows[last], last, used)
                lane = next((n for n, free_from in enumerate(lanes) if free_from <= y1), len(lanes))
                lanes[lane : lane + 1] = [y2]
                x = RIGHT + 12 + LANE * lane
                points += [(x1, y1), (x, y1), (x, y2), (x2, y2)]
            self.board.route([*points, (x2, end.y)], colour=_colour(source, level))

    @staticmethod
    def _track(row: list[Rectangle], number: int, used: dict[int, int]) -> int:
        """Give a height in the gutter beneath a floor that no other arrow uses."""
        used[number] = used.get(number, 0) + 1
        return row[0].y + row[0].height + TRACK * used[number] + 2

    def _legend(self) -> None:
        self.y += LINE
        text = "An arrow is an import. Left out are those that follow from the others: who knows a wing may know all that it knows."
        self.board.text(LEFT, self.y, text, size=SIZE)
        self.board.text(LEFT, self.y + LINE, "+", size=SIZE, colour=VERMILION, is_bold=True)
        self.board.text(
            LEFT + 14, self.y + LINE, "marks where something new goes; docs/design.md has the list.", size=SIZE
        )
        self.y += LINE


def _port(one: Rectangle, index: int, count: int) -> int:
    """Where on a rectangle's edge the arrow of that index leaves or comes in."""
    return one.x + one.width * (index + 1) // (count + 1)


def _colour(source: str, level: dict[str, int]) -> str:
    """Neighbouring floors' arrows differ."""
    return (BLUE, ORANGE, GREY)[level[source] % 3]


def drawn() -> str:
    """Draw the house as it is now."""
    return Picture(house()).draw()


def main(words: list[str]) -> int:
    """Compare, or write. Gives 1 if the picture is out of date and was left so."""
    if words not in ([], [WRITE]):
        print(f"python -m tests.architecture.house_picture [{WRITE}]", file=sys.stderr)
        return 2
    source = drawn()
    if PICTURE.is_file() and PICTURE.read_text(encoding="utf-8") == source:
        return 0
    if words:
        PICTURE.write_text(source, encoding="utf-8")
        return 0
    print("docs/house.svg is out of date: make map", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
