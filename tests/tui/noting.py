"""The application, keeping what it said in passing: on a busy machine that may be gone from the screen before a test looks."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from sim.tui.app import AcklabApp

TURNS_MAX = 1_000


class NotingApp(AcklabApp):
    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.notes: list[str] = []

    def notify(self, message: str, *, title: str = "", **how: Any) -> None:
        self.notes.append(f"{title}: {message}" if title else message)
        super().notify(message, title=title, **how)


async def framed(app: AcklabApp, pilot: Pilot[None], *words: str) -> str:
    """Give the frame as soon as it holds these words, such as those of its keys: on a busy machine they are drawn later."""
    for _ in range(TURNS_MAX):
        shown = "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips()) + "\n"
        if all(word in shown for word in words):
            return shown
        await pilot.pause()
    raise AssertionError(f"{words} did not come to be shown in {shown}")


def said(app: AcklabApp) -> str:
    """Everything that was said in passing."""
    assert isinstance(app, NotingApp)
    return "\n".join(app.notes)
