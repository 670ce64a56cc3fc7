"""Which file a run, or a moment of it, is written into: by the ending of its name."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sim.tui.exports.frame import Frame, frame_svg, frame_text
from sim.tui.exports.page import page_of
from sim.tui.exports.scrubber import EVENTS_MAX

if TYPE_CHECKING:
    from sim.tui.session import Watched


class Export(NamedTuple):
    """One kind of file."""

    ending: str
    meaning: str
    is_frame: bool
    """Whether it is what stands on the screen, not the whole run."""


EXPORTS = (
    Export(".html", "the whole run as one page for a browser, every moment of it in it", is_frame=False),
    Export(".jsonl", "the trace: every event, as JSON Lines; acklab watch and replay read it", is_frame=False),
    Export(".svg", "what stands on the screen, as a picture", is_frame=True),
    Export(".txt", "what stands on the screen, as text", is_frame=True),
)


class UnknownEndingError(ValueError):
    """A name says no kind of file: the message lists those there are."""


def export_of(name: str) -> Export:
    """Find the kind of file by a name. Raises UnknownEndingError."""
    for export in EXPORTS:
        if name.endswith(export.ending):
            return export
    raise UnknownEndingError(f"{name!r} must end in one of {', '.join(one.ending for one in EXPORTS)}")


def content_of(export: Export, watched: Watched, *, index: int, frame: Frame, beside: Path) -> str:
    """Give what stands in the file, which will lie at `beside`. `frame` is looked at only where `is_frame`."""
    match export.ending:
        case ".html":
            return page_of(watched, index=index, beside=beside)
        case ".jsonl":
            return _trace_text(watched, beside)
        case ".svg":
            return frame_svg(frame, title=watched.moment(index))
        case _:
            return frame_text(frame)


def is_whole(watched: Watched, export: Export) -> bool:
    """Whether a file of that kind holds every event; a page of a long run does not."""
    return export.ending != ".html" or len(watched.events) <= EVENTS_MAX


def default_name(export: Export, watched: Watched, *, index: int) -> str:
    """Name a file for people: the scenario, the run's digest, and of a frame the event."""
    run = f"{watched.name}-{watched.digest[:8]}" if watched.digest else watched.name
    return f"{run}-{index}{export.ending}" if export.is_frame else f"{run}{export.ending}"


def write(content: str, path: Path) -> Path:
    """Write a file. What lies there and is something else is kept, and a number set behind the name. Raises OSError."""
    data = content.encode("utf-8", "replace")
    free, number = path, 1
    while free.exists() and free.read_bytes() != data:
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    free.write_bytes(data)
    return free


def _trace_text(watched: Watched, beside: Path) -> str:
    from sim.trace.trace import Trace, TraceHeader

    trace = Trace()
    trace.events = list(watched.events)
    trace.begun_us = watched.begun_us
    # Events that nobody knows the run of stay events alone.
    witness = watched.as_witness().as_json(beside=beside) if watched.digest else {}
    out = io.StringIO()
    trace.write(out, TraceHeader(watched.name, watched.seed, witness))
    return out.getvalue()
