"""`acklab events`: every event of a trace with its fields, and how a schedule is anchored to it."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from sim.cli.endings import CommandError, ends
from sim.cli.options import AsJson

Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="[EVENT|SUBJECT]", help="An event, such as BatchAppended: tell its fields; a subject, such as broker, or any words: list those."),
]  # fmt: skip


@ends
def events(words: Words = None, as_json: AsJson = False) -> None:
    """List every event of a trace. With a name its fields, and how a fault is tied to it; with other words those that speak of it."""
    from sim.trace.trace import EVENT_TYPES

    word = " ".join(words) if words else None
    chosen = list(EVENT_TYPES.values()) if word is None else _named(word)
    if as_json:
        print(json.dumps({"format": "acklab-events-1", "events": [_as_json(one) for one in chosen]}))
    elif word is not None and len(chosen) == 1:
        _tell(chosen[0])
    else:
        _list(chosen)


def subject_of(event_type: type[Any]) -> str:
    """Give the subject that an event belongs to: the name of its module, `engine` for what the producer's engine says itself."""
    package, _, module = event_type.__module__.rpartition(".")
    return "engine" if package == "producer" else module


def _named(word: str) -> list[type[Any]]:
    """Find an event by its name, those of a subject, or those that speak of something. Raises CommandError with the nearest name."""
    from sim.faults.text import nearest
    from sim.trace.trace import EVENT_TYPES

    by_word: dict[str, list[type[Any]]] = {}
    for name, event_type in EVENT_TYPES.items():
        by_word[name.lower()] = [event_type]
        by_word.setdefault(subject_of(event_type), []).append(event_type)
    found = by_word.get(word.lower())
    if found is not None:
        return found
    wanted = word.lower().split()
    speaking = [
        one for one in EVENT_TYPES.values() if all(part in f"{one.__name__} {one.__doc__}".lower() for part in wanted)
    ]
    if speaking and wanted:
        return speaking
    spelled = {name.lower(): name for name in EVENT_TYPES}
    near = nearest(word.lower(), by_word)
    for lower, name in spelled.items():
        near = near.replace(f" {lower}?", f" {name}?")
    raise CommandError(
        f"{word!r} is no event of a trace, and none speaks of it{near or '; acklab events lists them all'}"
    )


def _list(chosen: list[type[Any]]) -> None:
    from sim.cli.screen import bold, labelled, say
    from sim.trace.declared import in_one_line

    by_subject: dict[str, list[type[Any]]] = {}
    for one in chosen:
        by_subject.setdefault(subject_of(one), []).append(one)
    for number, (subject, of_it) in enumerate(sorted(by_subject.items())):
        if number:
            say()
        head = in_one_line((sys.modules[of_it[0].__module__].__doc__ or "").partition("\n\n")[0])
        say(bold(subject))
        for line in labelled("", head, label_width=0):
            say(line)
        for one in of_it:
            for line in labelled(
                f"  {one.__name__}", in_one_line((one.__doc__ or "").partition("\n\n")[0]), label_width=26
            ):
                say(line)
    say()
    say("acklab events BatchAppended  tells its fields, and how a fault is tied to it")


def _tell(event_type: type[Any]) -> None:
    from sim.cli.faults import tell_field
    from sim.cli.screen import bold, labelled, say
    from sim.trace.declared import declared_fields, in_one_line

    say(bold(event_type.__name__))
    for paragraph in (event_type.__doc__ or "").split("\n\n"):
        for line in labelled("", in_one_line(paragraph), label_width=2):
            say(line)
    say()
    for field in declared_fields(event_type):
        tell_field(field)
    say()
    say(f"    {anchor(event_type)}: crash b1")
    say(f'    {anchor_in_python(event_type)}.crash("b1")')


_WANTED: dict[str, int | str] = {
    "client": "producer-1", "broker": 1, "topic": "orders", "partition": 0, "phase": 1, "transaction": 1, "controller": "controller",
    "registry": "registry-1", "reader": "reader-1", "application": "producer-1", "api": "Produce",
}  # fmt: skip
"""What an example of an anchor asks of a field."""
_WANTED_MAX = 2


def _wanted(event_type: type[Any]) -> list[tuple[str, int | str]]:
    from sim.trace.declared import declared_fields

    fitting = [
        (field.name, _WANTED[field.name])
        for field in declared_fields(event_type)
        if field.name in _WANTED and type(_WANTED[field.name]).__name__ == field.type
    ]
    return fitting[:_WANTED_MAX]


def anchor(event_type: type[Any]) -> str:
    """Give an anchor of a schedule that such an event could be, as text."""
    return " ".join([f"after {event_type.__name__}#1", *(f"{name}={value}" for name, value in _wanted(event_type))])


def anchor_in_python(event_type: type[Any]) -> str:
    """Give the same anchor as a scenario says it."""
    where = dict(_wanted(event_type))
    text = json.dumps(where)
    return f'after(event("{event_type.__name__}"{f", where={text}" if where else ""}))'


def _as_json(event_type: type[Any]) -> dict[str, Any]:
    from sim.trace.declared import declared_fields, in_one_line

    return {
        "name": event_type.__name__,
        "subject": subject_of(event_type),
        "says": in_one_line(event_type.__doc__),
        "fields": [field._asdict() for field in declared_fields(event_type)],
        "anchor": anchor(event_type),
    }
