"""A story played live: its virtual time goes on, faults strike by a key, and what was done is a run like any other."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.worker import Worker, WorkerState

from producer.errors import ConfigError
from sim.faults import FaultTextError
from sim.tui.lines import Line, Span, Tone, fitted, line, padded, width_of
from sim.tui.live import Live, LivePlayhead, Struck
from sim.tui.screens.growing import GrowingScreen
from sim.tui.screens.opening import opens

if TYPE_CHECKING:
    from sim.faults.schedule import Entry


class LiveScreen(GrowingScreen):
    """Time stands still while a fault's run is made, in a thread, and while somebody looks back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "watch", "Verdicts", tooltip="Watch this run to its end, with its verdicts"),
        Binding("y", "copy", "Copy the command that runs this again, with what has struck", show=False),
    ]

    playhead: LivePlayhead

    def __init__(self, live: Live, *, is_first: bool = False) -> None:
        super().__init__(LivePlayhead(live), is_first=is_first)
        self.live = live
        self._striking: Entry | None = None
        """What strikes in a run that is being made."""
        self._goes_on = False
        """Whether time went on before that."""

    def heading(self, width: int) -> Line:
        live = self.live
        if self._striking is not None:
            how = Span("… striking", Tone.UNSURE)
        elif live.is_over:
            how = Span("■ over: v tells the verdicts", Tone.GOOD)
        elif self.playhead.is_playing:
            how = Span(f"▶ {self.playhead.tempo}", Tone.LEADER)
        elif self.playhead.is_now:
            how = Span("‖ Space goes on", Tone.UNSURE)
        else:
            how = Span("‖ looking back", Tone.UNSURE)
        struck = len(live.whole.schedule) - live.begun_with
        now = Span(f"  now {live.now_us / 1_000_000:.6f}s", Tone.NOW)
        name = (Span("LIVE ", Tone.FAULT), Span(live.whole.title, Tone.HEADING))
        count = Span(f"  {struck} struck", Tone.FAULT) if struck else Span("")
        set_to = Span(f"  {live.whole.properties_text}")
        right = line(now, Span("  "), how)
        room = max(width - width_of(right) - 1, 10)
        return (*padded(fitted(((*name, set_to, count), (*name, count), name), room), room), Span(" "), *right)

    @property
    def may_strike(self) -> bool:
        return not self.live.is_over

    # -- striking ------------------------------------------------------------------------------------------------------

    def strike(self, fault: str) -> None:
        if self._striking is not None:
            self.notify("one fault is on its way already", severity="warning")
            return
        if self.live.is_over:
            why = "the story is over: v watches it, and from any of its moments L goes on live"
            self.notify(why, severity="warning", markup=False)
            return
        try:
            entry = self.live.entry_now(fault)
        except FaultTextError as error:
            self._complain(error)
            return
        self._goes_on = self.playhead.is_playing
        self.stand_still()
        self._striking = entry
        self.show_moment()
        self.run_worker(partial(self.live.struck, entry), thread=True, exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        worker: Worker[Struck] = event.worker
        if event.state is WorkerState.SUCCESS and worker.result is not None:
            self._strike(worker.result)
        elif event.state is WorkerState.ERROR:
            self._striking = None
            if not isinstance(worker.error, ConfigError | FaultTextError):
                # A bug of ours: let it be seen where it is.
                assert worker.error is not None
                raise worker.error
            self._complain(worker.error)
            self.show_moment()

    def _strike(self, struck: Struck) -> None:
        entry, self._striking = self._striking, None
        assert entry is not None
        changed = self.live.take(struck)
        self.close_written(is_done=True)
        self.playhead.go_on()
        if changed is not None:
            why = f"the story waits for this fault before anybody repairs anything: from #{changed} on its past is another one"
            self.notify(why, severity="warning", timeout=8, markup=False)
        self.notify(str(entry), title="struck", markup=False)
        if self._goes_on:
            self.action_play()
        self.show_moment()

    def _complain(self, error: Exception) -> None:
        self.notify(str(error), severity="error", title="it cannot strike", markup=False)

    # -- elsewhere -----------------------------------------------------------------------------------------------------

    def action_watch(self) -> None:
        """Watch the whole run where time stands: nobody plays on from there."""
        self.stand_still()
        opens(self).open_run(self.live.whole, index=self.playhead.index)

    def action_copy(self) -> None:
        from sim.tui.copying import NoCommandError, copied_command

        try:
            command, written = copied_command(self.live.whole, "run", index=None)
        except NoCommandError as error:
            self.notify(str(error), severity="warning", title="nothing was copied", markup=False)
            return
        became = opens(self).copy_command(command)
        told = [command, f"{written} was written into this folder for it"] if written else [command]
        self.notify("\n".join([*told, became]), timeout=8, markup=False)
