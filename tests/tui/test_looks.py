"""Every look can be read: 4.5:1 on every ground, told apart by who sees fewer colours, and without any colour at all."""

from __future__ import annotations

from itertools import combinations
from math import sqrt
from pathlib import Path

import pytest
from rich.color import Color
from textual.pilot import Pilot

from sim.tui.app import AcklabApp
from sim.tui.home.desk import Desk
from sim.tui.home.memory import Memory
from sim.tui.lines import Span, Tone, line
from sim.tui.look import CHOSEN, FIRST, GROUND, LOOKS, RAISED, Look, strip_of, wear, worn
from sim.tui.themes import THEMES
from tests.tui.runs import LOST, frame, press, run_of, use

GROUNDS = (GROUND, RAISED, CHOSEN)
CONTRAST_MIN = 4.5
"""WCAG 2.2, 1.4.3."""
HIGH_CONTRAST_MIN = 7.0
"""WCAG 2.2, 1.4.6."""
APART_MIN = 9.0
"""Distance in CIELAB at which two colours beside each other are easily told apart; 2.3 is just noticeable."""
DEFICIENCIES = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""What is left of linear RGB (Machado, Oliveira and Fernandes 2009, severity 1.0)."""
MEANT = (Tone.GOOD, Tone.BAD, Tone.UNSURE, Tone.FAULT)
"""Tones that say how it goes."""

Rgb = tuple[float, float, float]
each_look = pytest.mark.parametrize("look", LOOKS.values(), ids=list(LOOKS))


def linear(colour: Color | str | None) -> Rgb:
    parsed = Color.parse(colour) if isinstance(colour, str) else colour
    assert parsed is not None
    parts = [part / 255 for part in parsed.get_truecolor()]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


def luminance(colour: Rgb) -> float:
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def contrast(one: Rgb, other: Rgb) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def lab(colour: Rgb) -> Rgb:
    red, green, blue = (min(max(part, 0.0), 1.0) for part in colour)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def distance(one: Rgb, other: Rgb) -> float:
    return sqrt(sum((a - b) ** 2 for a, b in zip(lab(one), lab(other), strict=True)))


def seen(colour: Rgb, deficiency: str) -> Rgb:
    red, green, blue = (
        sum(weight * part for weight, part in zip(row, colour, strict=True)) for row in DEFICIENCIES[deficiency]
    )
    return red, green, blue


@each_look
@pytest.mark.parametrize("tone", Tone)
def test_every_tone_can_be_read_on_every_ground(look: Look, tone: Tone) -> None:
    style = look.styles[tone]
    grounds = [look.grounds[ground] for ground in GROUNDS] if style.bgcolor is None else [style.bgcolor]
    wanted = HIGH_CONTRAST_MIN if look.name == "acklab-contrast" else CONTRAST_MIN

    for ground in grounds:
        assert contrast(linear(style.color), linear(ground)) >= wanted


@each_look
def test_what_textual_draws_itself_can_be_read(look: Look) -> None:
    theme = next(one for one in THEMES if one.name == look.name)
    assert theme.panel is not None
    for name in ("footer-description-foreground", "footer-key-foreground"):
        assert contrast(linear(theme.variables[name]), linear(theme.panel)) >= CONTRAST_MIN


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("name", ["acklab", "acklab-light", "acklab-contrast"])
def test_good_is_told_from_bad_by_who_sees_fewer_colours(name: str, deficiency: str) -> None:
    styles = LOOKS[name].styles
    good, bad = (seen(linear(styles[tone].color), deficiency) for tone in (Tone.GOOD, Tone.BAD))

    assert distance(good, bad) >= APART_MIN


@pytest.mark.parametrize("name", ["acklab", "acklab-light", "acklab-contrast"])
def test_what_is_meant_otherwise_looks_otherwise(name: str) -> None:
    styles = LOOKS[name].styles

    for one, other in combinations(MEANT, 2):
        assert distance(linear(styles[one].color), linear(styles[other].color)) >= APART_MIN


def test_a_look_that_is_not_worn_leaves_no_colour_behind() -> None:
    shown = line(*(Span("x", tone) for tone in Tone))
    try:
        for name in LOOKS:
            wear(name)
            colours = {
                segment.style.bgcolor.name for segment in strip_of(shown, 20) if segment.style and segment.style.bgcolor
            }
            now = LOOKS[name].styles[Tone.NOW].bgcolor
            assert now is not None
            assert colours == {LOOKS[name].grounds[GROUND], now.name}
    finally:
        wear(FIRST.name)


def test_a_key_changes_the_look_and_the_choice_is_kept(tmp_path: Path) -> None:
    kept = tmp_path / "screen.json"

    async def act(app: AcklabApp, pilot: Pilot[None]) -> list[str]:
        first = [app.theme, worn().name]
        await press(pilot, "f2")
        return [*first, app.theme, worn().name]

    desk = Desk(memory=Memory(kept))
    assert use(run_of(LOST), act, desk=desk) == ["acklab", "acklab", "acklab-light", "acklab-light"]
    assert use(run_of(LOST), act, desk=Desk(memory=Memory(kept)))[:2] == ["acklab-light", "acklab-light"]
    assert use(run_of(LOST), act)[:2] == ["acklab", "acklab"]


def test_the_palette_offers_every_look() -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> set[str]:
        return {command.title for command in app.get_system_commands(app.screen)}

    assert {f"Theme {name}" for name in LOOKS} <= use(run_of(LOST), act)


def test_no_color_leaves_greys_and_every_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(app: AcklabApp, pilot: Pilot[None]) -> tuple[str, set[tuple[int, int, int]]]:
        drawn = [
            strip for row in range(app.size.height) for strip in app.screen._compositor.render_strips()[row : row + 1]
        ]
        colours = set()
        for strip in drawn:
            for filtered in app._filters:
                strip = strip.apply_filter(filtered, app.screen.background_colors[1])  # noqa: PLW2901
            for segment in strip:
                if segment.style:
                    colours |= {one.get_truecolor() for one in (segment.style.color, segment.style.bgcolor) if one}
        return frame(app), {(one.red, one.green, one.blue) for one in colours}

    coloured, _ = use(run_of(LOST), act)
    monkeypatch.setenv("NO_COLOR", "1")
    plain, colours = use(run_of(LOST), act)
    assert plain == coloured
    assert colours
    assert all(red == green == blue for red, green, blue in colours)
    assert {"✗", "✓", "●", "▲", "◇", "x", "o", "!"} <= set(plain)
