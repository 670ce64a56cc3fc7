"""`acklab new`: a story of one's own begins as a commented file that runs as it stands."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.endings import CommandError, ends

TEMPLATES = "scenarios.templates"
"""The package whose files are beginnings of stories."""
FIRST = "crash"
"""The one that is taken where none is asked for."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_NO_NAME = re.compile(r"[^A-Za-z0-9_-]+")

Story = Annotated[str, typer.Argument(metavar="STORY", help="Its name, or the path of its file.")]
Like = Annotated[
    str,
    typer.Option("--like", metavar="NAME", help="Which beginning: crash, duplicates or applications; or any scenario of `acklab list`."),
]  # fmt: skip


@ends
def new(story: Story, like: Like = FIRST) -> None:
    """Begin a story of your own: a file that runs. It has comments, acklab run STORY.py runs it, and a file that is there is left as it is."""
    from sim.cli.screen import labelled, say
    from sim.stories.scenario import load

    path = _path(story)
    text = renamed(_source(like), like, path.stem)
    _write(path, text)
    written = load(str(path))
    say(f"{path} is written. It asks:")
    for line in labelled("", written.question, label_width=0):
        say(line)
    say()
    shown = shlex.quote(str(path))
    commands = (
        (f"acklab run {shown}", "runs it, and judges it promise by promise"),
        (f"acklab watch {shown}", "the same on a screen, event by event"),
        ("acklab faults", "what may go wrong"),
        ("acklab events", "at which points in the protocol"),
        ("acklab new … --like NAME", f"begins with another: {', '.join(templates())}, or one of acklab list"),
    )
    widest = max(len(command) for command, _ in commands)
    for command, about in commands:
        for line in labelled(command, about, label_width=widest + 2):
            say(line)


def templates() -> tuple[str, ...]:
    """Names of the beginnings that there are, sorted."""
    return tuple(sorted(path.stem for path in _folder(TEMPLATES).glob("[a-z]*.py")))


def renamed(source: str, old: str, name: str) -> str:
    """Give a scenario's source with another name in it. Raises CommandError for one that does not say its name in so many words."""
    said = f"name={json.dumps(old)}"
    if source.count(said) != 1:
        raise CommandError(f"--like {old}: its file does not say {said} once, so it cannot be told under another name")
    return source.replace(said, f"name={json.dumps(name)}")


def _path(story: str) -> Path:
    """Give where a story goes, its name checked. Raises CommandError naming what is wrong with it."""
    from sim.stories.scenario import names

    path = Path(story if story.endswith(".py") else f"{story}.py")
    name = path.name.removesuffix(".py")
    if not _NAME.fullmatch(name):
        instead = _NO_NAME.sub("_", name).strip("_-0123456789")
        hint = f"; how about {path.with_name(instead)}?" if instead else ""
        raise CommandError(f"{story!r} names no story: a letter, then letters, digits, '_' and '-'{hint}")
    if name in names():
        raise CommandError(
            f"{name} is a scenario of the catalogue already: acklab run {name}; to begin with it, acklab new my_{name} --like {name}"
        )
    if path.exists():
        raise CommandError(f"{path} is there already, and is left as it is")
    return path


def _source(like: str) -> str:
    """Read a beginning, or a scenario of the catalogue. Raises CommandError with the nearest name."""
    from sim.faults.text import nearest
    from sim.stories.scenario import CATALOGUE, names

    beginnings, known = templates(), names()
    if like not in (*beginnings, *known):
        hint = nearest(like, (*beginnings, *known))
        there = f": there are {', '.join(beginnings)}, and all of acklab list"
        raise CommandError(f"--like {like!r} is no beginning of a story{hint or there}")
    folder = _folder(TEMPLATES if like in beginnings else CATALOGUE)
    return (folder / f"{like}.py").read_text(encoding="utf-8")


def _folder(package: str) -> Path:
    # Found, not imported: the simulator does not know the stories that stand on it.
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileNotFoundError as error:
        raise CommandError(f"cannot write {path}: there is no folder {path.parent}") from error
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror}") from error
