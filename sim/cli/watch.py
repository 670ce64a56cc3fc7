"""`acklab watch`: the terminal UI on one run; and the home that `acklab` alone opens."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError, ends
from sim.cli.options import PlantedBug, faults_named, key_values, mutant_named
from sim.cli.recorded import names_recording, story_named
from sim.cli.run import DEFAULT, Beside, Faults, Input, Seed, Settings, input_for
from sim.cli.showing import show
from sim.cli.watch_attached import Attach, attach
from sim.cli.watch_export import ExportFile, check_export, export_run
from sim.cli.watch_root_cause import RootCauseWanted, Seeds, check_root_cause, print_root_cause
from sim.cli.watch_space_time import From, SvgFile, To, check_svg, draw_svg, print_stretch
from sim.cli.watch_why import Why, check_why, print_why
from sim.cli.web import PORT_FIRST, Web, WebPort, is_drawn_for_web, serve_web

if TYPE_CHECKING:
    from sim.tui.session import Watched

What = Annotated[
    str | None,
    typer.Argument(metavar="SCENARIO|TRACE|WITNESS", help="A name of `acklab list`, the path of a scenario's file, or a "
                   "file of `acklab run --trace` or `--witness`."),
]  # fmt: skip
At = Annotated[int | None, typer.Option("--at", min=0, metavar="EVENT", help="Open at the event of that number.")]
Plain = Annotated[
    bool,
    typer.Option("--plain", help="Print state, verdicts and events as text; needs no terminal. Exits as run does."),
]
ViewName = Annotated[
    str | None,
    typer.Option(
        "--view", metavar="NAME", help="Open this view of the moment, as logs; with --plain or --json print it."
    ),
]
AsJson = Annotated[
    bool,
    typer.Option("--json", help="Print one view, or an explanation, as a JSON object; --view or --why says which."),
]
Live = Annotated[
    bool,
    typer.Option("--live", help="Play it live from its story's begin, or from --at on: time goes on while you look, and a "
                 "fault strikes by a key."),
]  # fmt: skip


@ends
def watch(
    what: What = None,
    seed: Seed = 0,
    settings: Settings = [],  # noqa: B006 - Typer reads it, nobody changes it
    faults: Faults = [],  # noqa: B006
    source: Input = None,
    planted_bug: PlantedBug = None,
    at: At = None,
    plain: Plain = False,
    view: ViewName = None,
    as_json: AsJson = False,
    export: ExportFile = None,
    why: Why = None,
    live: Live = False,
    web: Web = False,
    web_port: WebPort = PORT_FIRST,
    beside: Beside = None,
    svg: SvgFile = None,
    begin: From = None,
    end: To = None,
    attached: Attach = None,
    root_cause: RootCauseWanted = False,
    seeds: Seeds = 10,
) -> int:
    """Watch a run: step through its events, see why a promise broke, change one thing and run it again."""
    chosen = _view(view, is_needed=as_json and why is None and beside is None and not root_cause)
    check_why(why, is_printed=plain or as_json, has_others=view is not None or export is not None)
    if beside is not None and (chosen or at is not None or export is not None or why is not None or live):
        raise CommandError(
            "--beside compares two runs from begin to end: no --view, --at, --export, --why or --live goes with it"
        )
    if plain and as_json:
        raise CommandError("--plain and --json are two ways to print it: give one of them")
    if live and (plain or as_json or export is not None or view is not None or why is not None):
        raise CommandError("--live is played on a screen: give it without --plain, --json, --export, --view and --why")
    has_others = any((plain, as_json, live, chosen, why, export, beside))
    check_svg(svg, begin=begin, end=end, plain_view=chosen if plain else "", has_others=has_others)
    if web and (plain or as_json or export is not None or why is not None or svg is not None):
        raise CommandError("--web opens a screen: give it without --plain, --json, --export, --svg and --why")
    check_root_cause(
        root_cause, has_others=any((live, web, chosen, why, export, beside, svg, begin, end, attached, at is not None))
    )
    if attached is not None:
        others = (what, at, view, export, why, source, planted_bug, beside, svg, begin, end)
        if any(one is not None for one in others) or any((seed, settings, faults, plain, as_json, live, web)):
            raise CommandError("--attach watches what is served there, on a screen: give it alone")
        check_terminal()
        return attach(attached)
    if what is None:
        raise CommandError("Missing argument 'SCENARIO|TRACE|WITNESS', or --attach 127.0.0.1:PORT for what is served")
    if export is not None:
        check_export(export, is_printed=plain or as_json)
    elif not (plain or as_json or svg or root_cause or web):
        check_terminal()
    if names_recording(what):
        if seed or settings or faults or source is not None or planted_bug is not None:
            raise CommandError(
                f"{what} is one run as it was: give its scenario to run another, or press c on the screen"
            )
        watched = _recorded(Path(what))
    else:
        watched = _run(what, seed, settings, faults, source, planted_bug)
    last = len(watched.events) - 1
    if at is not None and at > last:
        raise CommandError(f"--at {at}: the events are 0..{last}")
    if web:
        return serve_web(web_port)
    if beside is not None:
        second = _changed(watched, beside)
        return _compare(watched, second, is_plain=plain, as_json=as_json)
    if export is not None:
        return export_run(watched, at, chosen, export)
    if root_cause:
        return print_root_cause(watched, seeds=seeds, as_json=as_json)
    if svg is not None:
        return draw_svg(watched, svg, begin=begin, end=end)
    if (begin or end) is not None:
        return print_stretch(watched, begin=begin, end=end)
    if why is not None:
        return print_why(watched, why, as_json=as_json)
    if live:
        return _play(watched, at)
    if as_json or (plain and chosen):
        return _print_view(watched, at, chosen, as_json=as_json)
    return _print(watched, at) if plain else _open(watched, at, chosen)


def is_terminal() -> bool:
    """Whether there is a screen to draw on (Textual draws on stderr) and somebody at the keys, be it in a browser."""
    if is_drawn_for_web():
        return True
    return sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def check_terminal() -> None:
    """Raise CommandError if there is nothing to draw on."""
    if not is_terminal():
        raise CommandError("watch needs a terminal; --plain prints the same as text")


def open_home() -> int:
    """Open the home: the course, searches, witnesses, stories."""
    return _open(None, None)


def _view(name: str | None, *, is_needed: bool) -> str:
    """Give the name of the view that is asked for; empty if none is."""
    from sim.tui.views import VIEWS, NoViewError, view_named

    if name is None:
        if is_needed:
            raise CommandError(f"--json prints one view, and --view says which: {', '.join(one.name for one in VIEWS)}")
        return ""
    try:
        return view_named(name).name
    except NoViewError as error:
        raise CommandError(f"--view: {error}") from error


def _changed(watched: Watched, beside: str) -> Watched:
    """Run the same under another configuration: `default`, or properties and settings over those it has."""
    from sim.stories.properties import effective_properties, settings_of, with_properties

    scenario = watched.scenario
    if scenario is None:
        raise CommandError(f"--beside runs the scenario {watched.name!r} again, and it is not here")
    if beside == DEFAULT:
        properties, changed = settings_of(scenario, watched.properties), "default configuration"
    else:
        given = key_values(beside.split(","), option="--beside")
        properties = effective_properties(with_properties(scenario, watched.properties), given)
        changed = " ".join(f"{name}={value}" for name, value in given.items())
    return watched.again(properties=properties, schedule=watched.schedule, changed=changed)


def _compare(first: Watched, second: Watched, *, is_plain: bool, as_json: bool) -> int:
    import json

    from sim.cli.screen import say

    if not is_plain and not as_json:
        return show(watched=first, beside=second)
    from sim.tui.comparing.comparison import Comparison
    from sim.tui.comparing.telling import comparison_json, plain_comparison

    comparison = Comparison(first, second)
    if as_json:
        print(json.dumps(comparison_json(comparison)))
    else:
        for line in plain_comparison(comparison):
            say(line)
    return first.exit_code


def _open(watched: Watched | None, at: int | None, view: str = "") -> int:
    return show(watched=watched, index=at, view=view)


def _play(watched: Watched, at: int | None) -> int:
    from sim.tui.live import Live
    from sim.tui.screens.live import LiveScreen

    if watched.scenario is None:
        raise CommandError("--live: its scenario is not here, so what was recorded has one future only")
    return show(first=lambda: LiveScreen(Live(watched, index=at), is_first=True))


def _print(watched: Watched, at: int | None) -> int:
    from sim.cli.screen import say
    from sim.tui.plain import plain_lines

    for line in plain_lines(watched, index=at):
        say(line)
    return watched.exit_code


def _print_view(watched: Watched, at: int | None, name: str, *, as_json: bool) -> int:
    import json

    from sim.cli.screen import say
    from sim.tui.facts import view_facts
    from sim.tui.plain import view_lines
    from sim.tui.playhead import Playhead
    from sim.tui.views import view_named

    playhead, view = Playhead(watched), view_named(name)
    playhead.seek(playhead.last if at is None else at)
    if as_json:
        print(json.dumps(view_facts(playhead, view)))
    else:
        for line in view_lines(playhead, view):
            say(line)
    return watched.exit_code


def _recorded(path: Path) -> Watched:
    from sim.cli.screen import Progress
    from sim.stories.planted import UnknownBugError
    from sim.stories.witness import WitnessError
    from sim.tui.session import NotWatchedError, of_file

    progress = Progress()
    try:
        return of_file(path, tell=progress.show)
    except OSError as error:
        raise CommandError(f"cannot read {path}: {error.strerror}") from error
    except (NotWatchedError, WitnessError, UnknownBugError) as error:
        raise CommandError(str(error)) from error
    finally:
        progress.clear()


def _run(
    what: str, seed: int, settings: list[str], faults: list[str], source: str | None, planted_bug: str | None
) -> Watched:
    from sim.stories.properties import effective_properties, with_settings_of
    from sim.stories.runner import run
    from sim.tui.session import of_report

    scenario = story_named(what)
    properties = effective_properties(scenario, key_values(settings, option="--set"))
    more = faults_named(faults, with_settings_of(scenario, properties))
    whose, records = ("", None) if source is None else input_for(scenario, source)
    mutant = mutant_named(planted_bug)
    report = run(scenario, seed, properties=properties, faults=more, records=records, records_of=whose, mutant=mutant)
    watched = of_report(report, source=what, scenario=scenario, records=records)
    return watched.with_origin(records_of=whose, source=source, mutant=mutant)


__all__ = ["is_terminal", "open_home", "watch"]
