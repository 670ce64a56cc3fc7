"""What is wrong with a scenario's file, in one line: where, what, and which name was meant."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from sim.faults.text import nearest
from sim.faults.words import When
from sim.stories.typed import wrong_type

SCENARIO = "SCENARIO"
"""What a file has to define."""

_UNEXPECTED = re.compile(r"(?P<of>[\w.]+)\(\) got an unexpected keyword argument '(?P<name>\w+)'")
_MISSING = re.compile(r"(?P<of>[\w.]+)\(\) missing \d+ required (?:positional|keyword-only) arguments?: (?P<names>.+)")
_POSITIONAL = re.compile(r"(?P<of>[\w.]+)\(\) takes .*positional arguments? but .* given")
_NOT_IN = re.compile(r"cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)'")
_FIELD = re.compile(r"(?P<of>[A-Z]\w+)\.(?P<name>\w+)[ :]")
_QUOTED = re.compile(r"(?<!\w)'([^']+)'")
_NAMES = re.compile(r" names (?P<kind>broker )?(?:\w+ )?'?(?P<name>[\w.-]+)'?,")
_OURS = ("sim.", "producer.")


def told(error: BaseException, path: Path) -> str:
    """Say where in a file something went wrong, what it was, and which name was meant if one is near."""
    if isinstance(error, SyntaxError):
        return _syntax(error, path)
    frames = _frames(error)
    in_file = [number for number, (frame, _) in enumerate(frames) if _is_of(frame, path)]
    said = _said(error, [frame for frame, _ in frames[in_file[-1] + 1 :]] if in_file else [])
    if not in_file:
        return f"{path}: {said}"
    frame, line = frames[in_file[-1]]
    return (
        f"{path}, line {_nearer_line(path, line, said, error) if frame.f_code.co_name == '<module>' else line}: {said}"
    )


def told_of_value(path: Path, said: str) -> str:
    """Say what is wrong with the scenario that a file made, and in which line, as far as the value itself shows that."""
    line = _line_of(path, said, within=None)
    return f"{path}, line {line}: {said}" if line else f"{path}: {said}"


def no_scenario(module: ModuleType, kind: type[Any]) -> str:
    """Say what a file defines in place of the scenario that it should."""
    own = {name: value for name, value in vars(module).items() if not name.startswith("_")}
    found = own.get(SCENARIO)
    if found is not None:
        what = "the class Scenario itself" if found is kind else f"of type {type(found).__name__}"
        return f"{SCENARIO} is {what}, must be {SCENARIO} = Scenario(...)"
    others = [name for name, value in own.items() if isinstance(value, kind)]
    if others:
        return f"no {SCENARIO}: its scenario is called {others[0]}, must be {SCENARIO} = Scenario(...)"
    return f"no {SCENARIO}, must define {SCENARIO} = Scenario(...)"


# -- where -------------------------------------------------------------------------------------------------------------


def _frames(error: BaseException) -> list[tuple[FrameType, int]]:
    found = []
    traceback = error.__traceback__
    while traceback is not None:
        found.append((traceback.tb_frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    return found


def _is_of(frame: FrameType, path: Path) -> bool:
    return Path(frame.f_code.co_filename) == path.absolute() or frame.f_code.co_filename == str(path)


def _syntax(error: SyntaxError, path: Path) -> str:
    # A file that this one imports may be the one that cannot be read.
    where = str(path) if error.filename in {str(path), str(path.absolute()), None} else Path(str(error.filename)).name
    text = f": {error.text.strip()}" if error.text and error.text.strip() else ""
    line = f", line {error.lineno}" if error.lineno else ""
    return f"{where}{line}: {type(error).__name__}: {error.msg}{text}"


def _nearer_line(path: Path, line: int, said: str, error: BaseException) -> int:
    """Give the line of the very field within a call of several lines, where what is said names it."""
    tree = _tree(path)
    if tree is None:
        return line
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.lineno == line]
    if not calls:
        return line
    call = max(calls, key=lambda node: node.end_lineno or node.lineno)
    match = _UNEXPECTED.search(str(error))
    if match is not None:
        wanted = [
            node.value.lineno for node in ast.walk(call) if isinstance(node, ast.keyword) and node.arg == match["name"]
        ]
        return wanted[0] if wanted else line
    return _line_of(path, said, within=call) or line


def _line_of(path: Path, said: str, *, within: ast.Call | None) -> int:
    """Find the line of the value that is said to be wrong: by its field, or as the text that is quoted; 0 if it is not found."""
    tree = _tree(path)
    if tree is None:
        return 0
    nodes = list(ast.walk(within or tree))
    field = _FIELD.match(said)
    if field is not None:
        for node in nodes:
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == field["of"]:
                for keyword in node.keywords:
                    if keyword.arg == field["name"]:
                        return keyword.value.lineno
    quoted = [*_QUOTED.findall(said), said.partition(" ")[0]]
    named = _NAMES.search(said)
    if named is not None:
        # What a fault names that is never there: a broker is written with its letter.
        quoted.append(f"b{named['name']}" if named["kind"] else named["name"])
    for text in quoted:
        for node in nodes:
            if isinstance(node, ast.Constant) and node.value == text:
                return node.lineno
    schedules = [node for node in nodes if isinstance(node, ast.keyword) and node.arg == "schedule"]
    return schedules[0].value.lineno if named is not None and schedules else 0


def _tree(path: Path) -> ast.Module | None:
    try:
        return ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None


# -- what --------------------------------------------------------------------------------------------------------------


def _said(error: BaseException, beneath: list[FrameType]) -> str:
    """Say what went wrong. `beneath` are the frames of whatever the file's own line called."""
    match error:
        case NameError():
            return _no_name(error)
        case ImportError():
            return _no_import(error)
        case AttributeError() if not beneath:
            return _no_attribute(error)
        case TypeError() if not beneath:
            return _wrong_call(error)
        case SystemExit():
            return f"ends the program itself (sys.exit, {error.code!r})"
        case _:
            pass
    mistyped = _mistyped(beneath)
    if mistyped:
        return mistyped
    is_ours = bool(beneath) and str(beneath[-1].f_globals.get("__name__", "")).startswith(_OURS)
    return str(error) if is_ours and isinstance(error, ValueError) else f"{type(error).__name__}: {error}"


def _mistyped(beneath: list[FrameType]) -> str:
    """Say which field of the value that was being made is not what it says, if that is why it failed."""
    for frame in beneath:
        made = frame.f_locals.get("self")
        if is_dataclass(made) and str(frame.f_globals.get("__name__", "")).startswith(_OURS):
            found = wrong_type(made)
            if found:
                return found
    return ""


def _no_name(error: NameError) -> str:
    name, exported = str(error.name), _exported("sim")
    if name in exported:
        return f"{name!r} is not imported: from sim import {name}"
    return f"{name!r} is not defined{nearest(name, exported)}"


def _no_import(error: ImportError) -> str:
    match = _NOT_IN.search(str(error))
    if match is None:
        name = str(error.name)
        return f"there is no module {name!r}{nearest(name, ('sim', 'producer'))}"
    module, name = match["module"], match["name"]
    return f"{module} has no {name!r}{nearest(name, _exported(module))}"


def _exported(module: str) -> list[str]:
    """Give the names of a public face. It stands above this room, so it is asked for by its name."""
    return list(import_module(module).__all__) if module in {"sim", "producer"} else []


def _no_attribute(error: AttributeError) -> str:
    name, of = str(error.name), error.obj
    known = [one for one in dir(of) if not one.startswith("_")]
    if isinstance(of, When):
        return f"no fault has the verb {name!r}{nearest(name, known) or '; acklab faults lists them'}"
    what = of.__name__ if isinstance(of, (type, ModuleType)) else type(of).__name__
    return f"{what} has no {name!r}{nearest(name, known)}"


def _wrong_call(error: TypeError) -> str:
    text = str(error)
    unexpected = _UNEXPECTED.search(text)
    if unexpected is not None:
        of, is_class, known = _callable(unexpected["of"])
        name = unexpected["name"]
        return (
            f"{of} has no field {name!r}{nearest(name, known)}"
            if is_class
            else f"{of}(…) takes no {name!r}{nearest(name, known)}"
        )
    missing = _MISSING.search(text)
    if missing is not None:
        return f"{_callable(missing['of'])[0]} needs {missing['names'].replace(chr(39), '')}"
    positional = _POSITIONAL.search(text)
    if positional is not None:
        of, _, known = _callable(positional["of"])
        return f"{of} takes its values by name, as in {of}({known[0]}=…)" if known else f"TypeError: {text}"
    return f"TypeError: {text}"


def _callable(qualified: str) -> tuple[str, bool, list[str]]:
    """Give what a call was of, whether that is a class with fields, and the names that it takes."""
    sim = import_module("sim")
    of, _, last = qualified.rpartition(".")
    if last == "__init__":
        found = getattr(sim, of, None)
        return of, True, [field.name for field in fields(found)] if is_dataclass(found) else []
    found = getattr(When, last, None) if of == When.__name__ else getattr(sim, qualified, None)
    if found is None:
        return qualified, False, []
    return last, False, [name for name in inspect.signature(found).parameters if name != "self"]
