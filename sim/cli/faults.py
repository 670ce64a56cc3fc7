"""`acklab faults`: every fault with the line that is written for it, read off the faults themselves."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.endings import CommandError, ends
from sim.cli.options import AsJson

if TYPE_CHECKING:
    from sim.trace.declared import Declared

Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="[WORD]", help="A fault's first word, such as crash, its verb in a scenario or its class: tell all of it. Or any words: list what speaks of them."),
]  # fmt: skip


@ends
def faults(words: Words = None, as_json: AsJson = False) -> None:
    """List every fault with its line. With a word all about that one, or those that speak of it."""
    from sim.faults import FAULT_TYPES

    word = " ".join(words) if words else None
    named = [] if word is None else _named(word)
    chosen: Iterable[type[Any]] = FAULT_TYPES if word is None else named or _speaking_of(word)
    if as_json:
        print(json.dumps({"format": "acklab-faults-1", "faults": [_as_json(one) for one in chosen]}))
    elif named:
        _tell(chosen)
    else:
        _list(chosen)


def _by_word() -> dict[str, list[type[Any]]]:
    """Give the faults that each word names: the first one of a line, a verb of scenarios, a class."""
    from sim.faults import FAULT_TYPES
    from sim.faults.grammar import verbs_of

    by_word: dict[str, list[type[Any]]] = {}
    for one in FAULT_TYPES:
        verbs = [verb.name for verb in verbs_of(one)]
        for known in dict.fromkeys(name.lower() for name in (one.EXAMPLE.split()[0], one.__name__, *verbs)):
            by_word.setdefault(known, []).append(one)
    return by_word


def _named(word: str) -> list[type[Any]]:
    return _by_word().get(word.strip().lower(), [])


def _speaking_of(words: str) -> list[type[Any]]:
    """Find the faults whose line or description has all of these words. Raises CommandError with the nearest name."""
    from sim.faults import FAULT_TYPES
    from sim.faults.grammar import grammar
    from sim.faults.text import nearest

    wanted = words.lower().split()
    found = [one for one in FAULT_TYPES if all(word in f"{grammar(one)} {one.__doc__}".lower() for word in wanted)]
    if not found or not wanted:
        hint = nearest(words.lower(), _by_word()) or "; acklab faults lists them all"
        raise CommandError(f"{words!r} is no fault, and none speaks of it{hint}")
    return found


def _say_grammar(fault_type: type[Any]) -> None:
    import textwrap

    from sim.cli.screen import bold, say, width
    from sim.faults.grammar import grammar

    for line in textwrap.wrap(grammar(fault_type), width(), subsequent_indent="    ", break_on_hyphens=False):
        say(bold(line))


def _list(chosen: Iterable[type[Any]]) -> None:
    from sim.cli.screen import labelled, say
    from sim.trace.declared import in_one_line

    for one in chosen:
        _say_grammar(one)
        for line in labelled("", in_one_line((one.__doc__ or "").partition("\n\n")[0]), label_width=2):
            say(line)
    say()
    for line in labelled(
        "",
        "Capitals stand for something, [what stands so] may be left out, (a|b) is one of them. In a schedule the moment stands "
        "before it: at 2s: crash b1, or after BatchAppended#3 broker=1: crash b1.",
        label_width=0,
    ):
        say(line)
    say()
    for command, about in (
        ("acklab faults crash", "all about one, and how a scenario says it"),
        ("acklab events", "what may stand behind `after`"),
    ):
        say(f"  {command:<22}{about}")


def _tell(chosen: Iterable[type[Any]]) -> None:
    from sim.cli.screen import labelled, say
    from sim.faults.grammar import verbs_of
    from sim.trace.declared import declared_fields, in_one_line

    for number, one in enumerate(chosen):
        if number:
            say()
        _say_grammar(one)
        for paragraph in (one.__doc__ or "").split("\n\n"):
            for line in labelled("", in_one_line(paragraph), label_width=2):
                say(line)
        say()
        for example in one.EXAMPLE.split(" | "):
            say(f"    at 2s: {example}")
        say()
        for verb in verbs_of(one):
            for line in labelled("", f'at("2s"){verb}', label_width=2):
                say(line)
            if verb.says:
                for line in labelled("", verb.says, label_width=6):
                    say(line)
        fields = [field for field in declared_fields(one) if field.name != "kind" and field.says]
        if fields:
            say()
        for field in fields:
            tell_field(field)


def tell_field(field: Declared) -> None:
    """Print one field of a fault or an event, with what its class says of it."""
    from sim.cli.screen import labelled, say

    default = f" = {field.default}" if field.default else ""
    head = f"{field.name}: {field.type}{default}"
    if len(head) <= 28:
        for line in labelled(f"  {head}", field.says, label_width=32):
            say(line)
        return
    say(f"    {head}")
    for line in labelled("", field.says, label_width=32) if field.says else ():
        say(line)


def _as_json(fault_type: type[Any]) -> dict[str, Any]:
    from sim.faults.grammar import grammar, verbs_of
    from sim.trace.declared import declared_fields, in_one_line

    return {
        "name": fault_type.__name__,
        "line": grammar(fault_type),
        "examples": fault_type.EXAMPLE.split(" | "),
        "says": in_one_line(fault_type.__doc__),
        "in_python": [f"at(…){verb}" for verb in verbs_of(fault_type)],
        "fields": [field._asdict() for field in declared_fields(fault_type) if field.name != "kind"],
    }
