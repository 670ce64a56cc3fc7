"""What the screens make of all events of a trace, so that nobody has to read them again: verdicts, states, marks, links.

An index is keyed by every byte of its trace, by what is told to the fold, and by our own code. So none is ever stale: it is the right one or none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import producer.events
import sim.judges
import sim.trace
import sim.tui.view_model
from sim.judges.guarantees import Verdict
from sim.tui.trace_index import kept_file
from sim.tui.trace_index.values import plain_of, value_of
from sim.tui.view_model import Film, Marks, Objects, State, Ways

EVERY = 1_024
"""Events between two states: what a seek reads and folds at most."""
DAMAGES = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What reading an index raises that is none."""


class TraceIndex(NamedTuple):
    """Everything that opening a trace needs of its events."""

    total: int
    """How many there are."""
    verdicts: tuple[Verdict, ...]
    faults: list[int]
    acknowledgements: list[int]
    links: dict[str, Any]
    """Those of `Ways`."""
    objects: dict[str, Any]
    """What `Objects` remembers."""
    end: State
    states: Sequence[State]
    """Before the first event, and behind every EVERY-th."""

    def film(self, events: Sequence[Any], *, begun_us: int) -> Film:
        """Give the film of these events."""
        return Film.of_snapshots(events, self.states, every=EVERY, end=self.end, begun_us=begun_us)


class StoredStates(Sequence[State]):
    """States that are read when somebody seeks."""

    __slots__ = ("_lines",)

    def __init__(self, lines: Sequence[bytes]) -> None:
        self._lines = lines

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        return value_of(json.loads(self._lines[index]))


def key_of(trace: bytes, delivery_timeouts_us: Mapping[str, int]) -> str:
    """Name what an index is of: 32 hex digits over the trace, what the fold is told beside it, and the code that judges and folds."""
    hasher = blake2b(_code(), digest_size=16)
    hasher.update(json.dumps(sorted(delivery_timeouts_us.items())).encode() + b"\n")
    hasher.update(trace)
    return hasher.hexdigest()


def index_of(film: Film, verdicts: tuple[Verdict, ...], marks: Marks, ways: Ways, objects: Objects) -> TraceIndex:
    """Make the index of a trace that was read and judged."""
    end = film.state_at(len(film) - 1)
    states = film.snapshots(EVERY)
    return TraceIndex(
        len(film), verdicts, marks.faults, marks.acknowledgements, ways.links(), objects.kept(), end, states
    )


def write_index(trace: Path, key: str, index: TraceIndex) -> Path | None:
    """Keep an index for the next time. Gives where it lies; None if it could be written nowhere."""
    told = {
        "verdicts": plain_of(index.verdicts),
        "faults": index.faults,
        "acknowledgements": index.acknowledgements,
        "links": index.links,
        "objects": index.objects,
        "end": plain_of(index.end),
    }
    lines = [told, *map(plain_of, index.states)]
    body = b"".join(json.dumps(one, separators=(",", ":")).encode() + b"\n" for one in lines)
    head = {"format": kept_file.FORMAT, "key": key, "total": index.total, "digest": _digest(body)}
    return kept_file.write(trace, key, json.dumps(head).encode() + b"\n" + body)


def read_index(trace: Path, key: str, *, total: int) -> TraceIndex | None:
    """Read the index of a trace of `total` events; None if there is none, or what lies there is another one's, damaged or cut off."""
    for place in kept_file.places(trace, key):
        try:
            found = _read(place.read_bytes(), key, total)
        except DAMAGES:
            # Whatever is wrong with it: it can be made anew.
            continue
        if found is not None:
            return found
    return None


def _read(content: bytes, key: str, total: int) -> TraceIndex | None:
    if not content.startswith(kept_file.BEGIN):
        return None
    begin = content.index(b"\n") + 1
    head, body = json.loads(content[:begin]), content[begin:]
    if (head["key"], head["total"], head["digest"]) != (key, total, _digest(body)):
        return None
    first, *states = body.splitlines()
    told = json.loads(first)
    verdicts, end = value_of(told["verdicts"]), value_of(told["end"])
    if len(states) != total // EVERY + 1 or end.seen != total or any(type(one) is not Verdict for one in verdicts):
        return None
    return TraceIndex(
        total,
        verdicts,
        told["faults"],
        told["acknowledgements"],
        told["links"],
        told["objects"],
        end,
        StoredStates(states),
    )


def _digest(body: bytes) -> str:
    return blake2b(body, digest_size=16).hexdigest()


@cache
def _code() -> bytes:
    """Hash what judges and folds, so that whoever changes it does not see what it said before."""
    hasher = blake2b(version("acklab").encode())
    assert producer.events.__file__ is not None
    own = [Path(producer.events.__file__).with_suffix(".py"), *Path(__file__).parent.glob("*.py")]
    for wing in (sim.judges, sim.trace, sim.tui.view_model):
        own += Path(wing.__path__[0]).rglob("*.py")
    for path in sorted(own):
        hasher.update(f"{path.name}\n".encode() + path.read_bytes())
    return hasher.digest()
