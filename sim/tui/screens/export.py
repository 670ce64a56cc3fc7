"""Which file to write: chosen from a short list, written into this folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from sim.tui.exports.files import EXPORTS, Export, content_of, default_name, is_whole, write
from sim.tui.exports.frame import Frame, frame_of

if TYPE_CHECKING:
    from textual.screen import Screen

    from sim.tui.session import Watched


def open_export(screen: Screen[None], watched: Watched, *, index: int) -> None:
    """Offer to write the run, or what stands on that screen now, and say there what became of it."""
    # As it was before the list lay over it.
    frame = frame_of(screen)

    def chosen(export: Export | None) -> None:
        if export is not None:
            _write(screen, export, watched, index, frame)

    screen.app.clear_notifications()
    screen.app.push_screen(ExportScreen(watched, index=index), chosen)


def _write(screen: Screen[None], export: Export, watched: Watched, index: int, frame: Frame) -> None:
    path = Path(default_name(export, watched, index=index))
    try:
        written = write(content_of(export, watched, index=index, frame=frame, beside=path), path)
    except OSError as error:
        why = f"{path} cannot be written into this folder: {error.strerror}"
        screen.notify(why, severity="warning", title="nothing was written", markup=False)
        return
    whole = "" if is_whole(watched, export) else ", without the events that are far from this moment: it says which"
    screen.notify(f"{written} was written into this folder{whole}", timeout=8, markup=False)


class ExportScreen(ModalScreen["Export | None"]):
    """Gives the kind of file that was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss", "Back")]

    def __init__(self, watched: Watched, *, index: int) -> None:
        super().__init__()
        self._watched = watched
        self._index = index

    def compose(self) -> ComposeResult:
        with Vertical(id="export", classes="dialog") as box:
            box.border_title = "Export into this folder - Enter writes, Esc closes"
            yield OptionList(*(Option(self._told(one), id=one.ending) for one in EXPORTS), id="choices")

    def _told(self, export: Export) -> Content:
        name = default_name(export, self._watched, index=self._index)
        return Content.assemble((name, "bold"), f"\n  {export.meaning}")

    @on(OptionList.OptionSelected)
    def _chosen(self, message: OptionList.OptionSelected) -> None:
        self.dismiss(EXPORTS[message.option_index])
