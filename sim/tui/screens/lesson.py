"""One lesson: how far it is, the commands that go on with it, and its text up to the first open question."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Footer, Static

from sim.tui.lines import Span, Tone, line
from sim.tui.panels.lesson import lesson_lines
from sim.tui.screens.help import HelpScreen
from sim.tui.screens.opening import opens
from sim.tui.widgets.panel import Panel

if TYPE_CHECKING:
    from sim.tui.home.desk import LessonShown


class LessonScreen(Screen[None]):
    """The course itself is read, answered and checked on the command line: this says how, and how it begins."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "copy", "Copy the command that goes on", key_display="⏎"),
        Binding("down,j", "scroll(1)", "Down", key_display="↓"),
        Binding("up,k", "scroll(-1)", "Up", show=False),
        Binding("pagedown,space", "scroll(10)", "Page down", show=False),
        Binding("pageup", "scroll(-10)", "Page up", show=False),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("q,escape", "back", "Back", key_display="q"),
    ]

    def __init__(self, lesson: LessonShown) -> None:
        super().__init__()
        self.lesson = lesson

    def compose(self) -> ComposeResult:
        yield Panel(id="lesson-title", has_heading=True)
        yield Panel(id="lesson-steps")
        with VerticalScroll(id="lesson-text", can_focus=False):
            yield Static("\n".join(self.lesson.text), markup=False)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self.call_after_refresh(self.show_lesson)

    def on_resize(self, _: events.Resize) -> None:
        self.call_after_refresh(self.show_lesson)

    def show_lesson(self) -> None:
        """Show how far it is."""
        state = Span(f"  {self.lesson.state}", Tone.UNSURE)
        self.query_one("#lesson-title", Panel).show([line(Span(self.lesson.title, Tone.HEADING), state)])
        lines = lesson_lines(self.lesson, width=self.size.width)
        steps = self.query_one("#lesson-steps", Panel)
        steps.styles.height = len(lines)
        steps.show(lines)

    def action_scroll(self, by: int) -> None:
        self.query_one("#lesson-text", VerticalScroll).scroll_relative(y=by, animate=False)

    def action_copy(self) -> None:
        """Hand over the first of the commands: the one that goes on where the learner is."""
        if self.lesson.steps:
            command = self.lesson.steps[0][0]
            became = opens(self).copy_command(command)
            self.notify(
                became,
                title=command,
                markup=False,
            )

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen())

    def action_back(self) -> None:
        self.dismiss()
