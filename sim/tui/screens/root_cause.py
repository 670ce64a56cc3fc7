"""The search for the suspected root cause: how far it is, and what it found; whoever leaves ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static
from textual.worker import Worker, WorkerState, get_current_worker

from sim.tui.root_cause import NoSearchError, Progress, RootCause, progress_text, root_cause_text, search

if TYPE_CHECKING:
    from sim.tui.session import Watched

WAITING = "Enter goes there, Esc back"


class RootCauseScreen(ModalScreen[int | None]):
    """Gives the event that was found, to go there; None where nobody wants to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go", "Go there", tooltip="Go to the root cause"),
        Binding("escape,q", "leave", "Back", key_display="Esc", tooltip="End the search, and back"),
    ]

    def __init__(self, watched: Watched) -> None:
        super().__init__()
        self._watched = watched
        self.found: RootCause | None = None
        """Once the search is over."""

    def compose(self) -> ComposeResult:
        with Vertical(id="root-cause", classes="dialog") as box:
            box.border_title = "From which moment on do all seeds break it?"
            yield Static("the run is made again, from its end backwards …", id="found", markup=False)
            yield Static("Esc ends the search", id="hint", markup=False)

    def on_mount(self) -> None:
        self.run_worker(self._search, thread=True, exit_on_error=False)

    def _search(self) -> RootCause | None:
        """Search, run by run, for as long as somebody waits for it."""
        worker, searching = get_current_worker(), search(self._watched)
        while not worker.is_cancelled:
            try:
                progress = next(searching)
            except StopIteration as done:
                outcome: RootCause = done.value
                return outcome
            if not worker.is_cancelled:
                self.app.call_from_thread(self._tell, progress)
        return None

    def _tell(self, progress: Progress) -> None:
        if self.is_attached and self.found is None:
            self.query_one("#found", Static).update(progress_text(self._watched, progress))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        worker: Worker[RootCause | None] = event.worker
        if event.state is WorkerState.SUCCESS and worker.result is not None:
            self.found = worker.result
            self._say(root_cause_text(self._watched, worker.result), WAITING)
        elif event.state is WorkerState.ERROR:
            error = worker.error
            if not isinstance(error, NoSearchError):
                assert error is not None
                raise error
            self._say(str(error), "Esc: back")

    def _say(self, told: str, hint: str) -> None:
        self.query_one("#found", Static).update(told)
        self.query_one("#hint", Static).update(hint)

    def action_go(self) -> None:
        if self.found is not None:
            self.dismiss(self.found.event)

    def action_leave(self) -> None:
        self.workers.cancel_node(self)
        self.dismiss(None)
