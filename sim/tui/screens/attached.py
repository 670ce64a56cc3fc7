"""A served cluster, watched while clients of any make are at work on it: events as they happen, and faults by a key."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.worker import Worker, WorkerState

from sim.tui.attached import Attached, AttachedPlayhead, Heard, RefusedError, ServedEndedError
from sim.tui.lines import Line, Span, Tone, fitted, line, padded, width_of
from sim.tui.panels.clients import client_lines
from sim.tui.screens.growing import GrowingScreen

if TYPE_CHECKING:
    from sim.tui.attached import Served
    from sim.tui.view_model import State

POLLS_PER_S = 5
"""How often the server is asked what happened."""
LAG_TOLD_US = 1_000_000
"""A server that is further behind the clock on the wall says so."""


class AttachedScreen(GrowingScreen):
    """Asks in threads, so that a server that takes its time holds nobody up; one question at a time of each kind."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("H", "heal", "Heal", tooltip="End every fault that has struck"),
        Binding("v", "verdicts", "Verdicts", tooltip="What became of what was acknowledged so far"),
    ]

    playhead: AttachedPlayhead

    def __init__(self, served: Served, *, is_first: bool = False, polls_per_s: int = POLLS_PER_S) -> None:
        """`polls_per_s` of 0: only `poll` asks."""
        self.attached = Attached(served.name)
        super().__init__(AttachedPlayhead(self.attached), is_first=is_first)
        self._served = served
        self._polls_per_s = polls_per_s

    def on_mount(self) -> None:
        if self._polls_per_s:
            self.set_interval(1 / self._polls_per_s, self.poll)
        self.poll()

    # -- hearing -------------------------------------------------------------------------------------------------------

    def poll(self) -> None:
        """Ask what happened, unless the last question has no answer yet."""
        if not self.attached.ended and not any(one.group == "hear" and not one.is_finished for one in self.workers):
            self._ask("hear", partial(self._served.hear, self.attached.next))

    def _ask(self, group: str, question: Callable[[], object]) -> None:
        self.run_worker(question, group=group, thread=True, exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        worker: Worker[object] = event.worker
        if event.state is WorkerState.SUCCESS:
            self._answered(worker.group, worker.result)
        elif event.state is WorkerState.ERROR:
            self._failed(worker.error)

    def _answered(self, group: str, answer: object) -> None:
        if isinstance(answer, Heard):
            self._hear(answer)
        elif group == "strike":
            self.close_written(is_done=True)
            self.notify(str(answer), title="struck", markup=False)
        elif group == "heal":
            self.notify("every fault that has struck is ended", title="healed")
        elif group == "verdicts":
            self.notify(str(answer), title="so far", timeout=10, markup=False)

    def _failed(self, error: BaseException | None) -> None:
        if isinstance(error, RefusedError):
            self.notify(str(error), severity="error", title="it does not strike", markup=False)
        elif isinstance(error, ServedEndedError):
            if not self.attached.ended:
                self.attached.end(str(error))
                self.notify(
                    f"{error}; what was heard until then stays here",
                    severity="warning",
                    title="it has ended",
                    markup=False,
                )
            self.show_moment()
        else:
            # A bug of ours: let it be seen where it is.
            assert error is not None
            raise error

    def _hear(self, heard: Heard) -> None:
        missed = self.attached.missed
        self.attached.hear(heard)
        if self.attached.missed > missed:
            count = self.attached.missed - missed
            self.notify(
                f"{count} events came before, and are not to be had: this begins as the cluster stands", markup=False
            )
        self.playhead.go_on()
        self.show_moment()
        if self.attached.next < heard.total:
            self.poll()

    # -- showing -------------------------------------------------------------------------------------------------------

    def show_moment(self) -> None:
        if self.playhead.watched.events:
            super().show_moment()

    def heading(self, width: int) -> Line:
        attached = self.attached
        standing = attached.standing
        if attached.ended:
            how = Span("■ it has ended", Tone.BAD)
        elif not self.playhead.is_playing:
            how = Span("‖ looking back, Space goes along", Tone.UNSURE)
        else:
            how = Span("▶ as it happens", Tone.LEADER)
        late = Span("")
        if standing is not None and standing.lag_us > LAG_TOLD_US and not attached.ended:
            late = Span(f"  {standing.lag_us / 1_000_000:.1f}s behind the clock", Tone.UNSURE)
        name = (Span("ATTACHED ", Tone.FAULT), Span(attached.name, Tone.HEADING))
        right = line(how)
        room = max(width - width_of(right) - 1, 10)
        return (*padded(fitted(((*name, late), name), room), room), Span(" "), *right)

    def who(self, state: State, width: int, height: int) -> list[Line]:
        """Who is connected, and how much there is of what was written: clients tell nothing of themselves."""
        return client_lines(state, self.attached.standing, width=width, height=height)

    # -- striking ------------------------------------------------------------------------------------------------------

    @property
    def may_strike(self) -> bool:
        return not self.attached.ended

    def client(self) -> str:
        standing = self.attached.standing
        return standing.clients[0].address if standing is not None and standing.clients else ""

    def strike(self, fault: str) -> None:
        if self._may_ask():
            self._ask("strike", partial(self._served.strike, fault))

    def action_heal(self) -> None:
        if self._may_ask():
            self._ask("heal", self._served.heal)

    def action_verdicts(self) -> None:
        if self._may_ask():
            self._ask("verdicts", self._served.verdicts)

    def _may_ask(self) -> bool:
        if self.attached.ended:
            self.notify(self.attached.ended, severity="warning", title="it has ended", markup=False)
        return not self.attached.ended
