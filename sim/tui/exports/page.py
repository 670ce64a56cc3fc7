"""A run as one page of HTML that needs nothing beside it: the verdicts, how each came about, and every moment to be looked at.

The same run gives the same bytes. The page loads nothing and sends nothing: its policy (CSP) forbids it.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from sim.tui.exports.cleaning import clean
from sim.tui.exports.scrubber import Scrubber, scrubber_of, window
from sim.tui.lines import Line, text_of
from sim.tui.look import FIRST, GROUND, LOOKS, RAISED, Look
from sim.tui.panels.verdicts import SHOWN_MAX, VerdictRow, first_finding, summary, verdict_rows
from sim.tui.view_model.marks import decisive

if TYPE_CHECKING:
    from sim.tui.session import Watched

WIDE = 10_000
"""Columns of a line that the browser wraps."""
IN_THE_END = "    in the end: "
"""How the last line of a finding begins, which is of no event."""
KEY_OF_CHANGES = "c changes one thing. "
ASKED = (("prefers-color-scheme: light", "acklab-light"), ("prefers-contrast: more", "acklab-contrast"))
"""What somebody may ask a browser for, and the look that a page has then; a later one goes before."""
WITNESS_CHARACTERS_MAX = 1_000_000
"""A larger witness, one with many records of somebody's own, does not go into the page."""


def page_of(watched: Watched, *, index: int | None = None, beside: Path = Path("page.html")) -> str:
    """Give the page. It opens at event `index`, or where the first promise broke, or where the story begins.

    `beside` is where the page will lie: the scenario's file is named as seen from there.
    """
    at = opened_at(watched) if index is None else index
    held = window(len(watched.events), at)
    scrubber = scrubber_of(watched, held)
    script, style = _asset("page.js"), f"{_colours()}\n{_asset('page.css')}"
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"
    )
    title = _text(f"{watched.title} - acklab")
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{"".join(_parts(watched, scrubber, held, at, beside))}
<script type="application/json" id="data">{_data(watched, scrubber, held, at)}</script>
<script>{script}</script>
</body>
</html>
"""


def opened_at(watched: Watched) -> int:
    """Give the event at which a page opens: where the first promise broke; the story's begin if none did."""
    found = first_finding(watched.verdicts)
    if found is not None:
        finding = next(one for one in watched.verdicts if one.guarantee == found[0]).findings[0]
        event = decisive(finding)
        if event is not None:
            return event
    return watched.film.first_of_story


# -- its parts ---------------------------------------------------------------------------------------------------------


def _parts(watched: Watched, scrubber: Scrubber, held: range, at: int, beside: Path) -> Iterator[str]:
    scenario = watched.scenario
    yield f"<header>\n<h1>{_text(watched.title)}</h1>\n"
    if scenario is not None:
        yield f'<p class="question">{_text(scenario.question)}</p>\n'
    ending = summary(watched.verdicts, watched.sent, is_sure=watched.is_sure)
    yield f'<p class="mono">{_spans(ending)}</p>\n<dl>\n'
    yield f"<dt>producer</dt><dd>{_text(watched.properties_text)}</dd>\n"
    for place, entry in enumerate(watched.schedule, start=1):
        yield f"<dt>fault {place}</dt><dd><code>{_text(str(entry))}</code></dd>\n"
    yield f"<dt>events</dt><dd>{len(watched.events)}</dd>\n"
    if watched.digest:
        yield f"<dt>digest</dt><dd><code>{_text(watched.digest)}</code></dd>\n"
    yield from _again(watched, beside)
    yield "</dl>\n</header>\n<main>\n"
    if len(held) < len(watched.events):
        yield (
            f'<p class="note">This page holds events {held.start} to {held.stop - 1} of {len(watched.events)}, around '
            "the moment at which it opens, so that it stays small. The verdicts are of the whole run, and the command "
            "above shows all of it.</p>\n"
        )
    yield '<section aria-labelledby="verdicts"><h2 id="verdicts">Verdicts</h2>\n'
    yield from _verdicts(watched, held)
    yield "</section>\n"
    yield from _scrubber(scrubber, held, at)
    yield "</main>\n"


def _again(watched: Watched, beside: Path) -> Iterator[str]:
    """Say how the run is had again: by a command, and by its witness."""
    if watched.words is not None:
        command = watched.command("run", file="")
        yield f'<dt>again</dt><dd><code id="run">{_text(command)}</code> <button data-copies="run">Copy</button></dd>\n'
    if watched.scenario is None:
        yield "<dt>again</dt><dd>its scenario was not there, so no command runs it again</dd>\n"
        return
    if not watched.digest:
        # What is not over has no witness.
        return
    witness = watched.witness_text(beside=beside)
    name = f"{watched.name}-{watched.digest[:8]}.json"
    if len(witness) > WITNESS_CHARACTERS_MAX:
        yield "<dt>witness</dt><dd>too large for this page: it holds records of one's own</dd>\n"
        return
    link = f"data:application/json;base64,{b64encode(witness.encode('utf-8', 'replace')).decode()}"
    yield (
        f'<dt>witness</dt><dd><a download="{_text(name)}" href="{link}">{_text(name)}</a>, for '
        f"<code>acklab replay {_text(name)}</code></dd>\n"
    )


def _verdicts(watched: Watched, held: range) -> Iterator[str]:
    """Tell every verdict, its findings folded, each with the events that tell how it came about."""
    everything = {
        (verdict.guarantee, place)
        for verdict in watched.verdicts
        for place in range(min(len(verdict.findings), SHOWN_MAX))
    }
    first = first_finding(watched.verdicts)
    rows = verdict_rows(watched, unfolded=everything, width=WIDE, has_question=False)
    yield '<ul class="verdicts" tabindex="0" aria-labelledby="verdicts">\n'
    while rows:
        row = rows.pop(0)
        if row.finding is None:
            yield f'<li class="mono">{_spans(_without_keys(row.line))}</li>\n'
            continue
        told = text_of(row.line).strip().removeprefix("▾ ")
        yield f"<li><details{' open' if row.finding == first else ''}><summary>{_text(told)}</summary>"
        yield '<ol class="steps">\n'
        while rows and (rows[0].is_step or text_of(rows[0].line).startswith(IN_THE_END)):
            yield _step(rows.pop(0), held)
        yield "</ol></details></li>\n"
    yield "</ul>\n"


def _without_keys(line: Line) -> Line:
    """Leave out which key of the screen changes a run: here none does."""
    return tuple(span._replace(text=span.text.removeprefix(KEY_OF_CHANGES)) for span in line)


def _step(row: VerdictRow, held: range) -> str:
    told = _spans(row.line)
    if row.event is not None and row.event in held:
        return f'<li><button class="mono" data-event="{row.event}">{told}</button></li>\n'
    return f'<li class="mono">{told}</li>\n'


def _scrubber(scrubber: Scrubber, held: range, at: int) -> Iterator[str]:
    shown = [(panel.title, scrubber.shown(place, at)) for place, panel in enumerate(scrubber.panels)]
    told = scrubber.lines[scrubber.told[at - held.start]]
    yield f"""<section aria-labelledby="moments"><h2 id="moments">Every moment of it</h2>
<noscript><p class="note">Without JavaScript this page shows one moment only.</p></noscript>
<p class="dim"><kbd>←</kbd> <kbd>→</kbd> an event back, on; <kbd>f</kbd> <kbd>F</kbd> the next, previous fault; <kbd>Home</kbd>
<kbd>End</kbd>; <kbd>Space</kbd> plays; <kbd>/</kbd> finds; <kbd>↑</kbd> <kbd>↓</kbd> walk through the steps of a verdict</p>
<div class="stage">
<div class="buttons">
<button id="first" aria-label="First event">First</button><button id="back" aria-label="Previous event">←</button>
<button id="play">▶ Play</button><button id="on" aria-label="Next event">→</button>
<button id="last" aria-label="Last event">Last</button>
<button id="faultBack">Previous fault</button><button id="faultOn">Next fault</button>
<label>Events a second <select id="speed"><option>1</option><option>5</option><option selected>10</option><option>50</option><option>200</option></select></label>
</div>
<p id="moment" class="mono" role="status" aria-live="polite">▶ {_text(scrubber.clocks[at - held.start].strip())} #{at} {_spans(told)}</p>
<input id="scrub" type="range" min="{held.start}" max="{held.stop - 1}" value="{at}" step="1" aria-label="Event">
<svg id="marks" role="img" aria-label="x a fault, ! where a promise broke; the buttons beside lead there"></svg>
</div>
"""
    for place, (title, lines) in enumerate(shown):
        content = "\n".join(_spans(one) for one in lines)
        yield (
            f'<div class="panel"><h3 id="title-{place}">{_text(title)}</h3>'
            f'<pre id="panel-{place}" tabindex="0" aria-labelledby="title-{place}">{content}</pre></div>\n'
        )
    yield """<h2 id="list">Events</h2>
<p><label>Words that an event holds <input id="filter" type="search" autocomplete="off" spellcheck="false"></label> <span id="found" role="status"></span></p>
<ol id="events" class="events mono" tabindex="0" aria-labelledby="list"></ol>
<p class="dim">This very moment in a terminal: <code id="watch"></code> <button data-copies="watch">Copy</button> <span id="copied" role="status"></span></p>
</section>
"""


# -- what the script reads ---------------------------------------------------------------------------------------------


def _data(watched: Watched, scrubber: Scrubber, held: range, at: int) -> str:
    """Give it as JSON that no parser of HTML takes for an end of its element."""
    marks = watched.marks
    data = {
        **scrubber.as_json(clean),
        "total": len(watched.events),
        "begun": watched.film.first_of_story,
        "at": at,
        "faults": [one for one in marks.faults if one in held],
        "violations": [one for one in marks.violations if one in held],
        "watch": clean(watched.command("watch", file=f"{watched.name}-{watched.digest[:8]}.json"))
        if watched.scenario is not None
        else "",
    }
    text = json.dumps(data, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


# -- text --------------------------------------------------------------------------------------------------------------


def _text(text: str) -> str:
    return escape(clean(text))


def _spans(line: Line) -> str:
    return "".join(f'<span class="t-{span.tone.value}">{_text(span.text)}</span>' for span in line)


# -- the look ----------------------------------------------------------------------------------------------------------


def _colours() -> str:
    """Give the colours of the screen's first look, and of others for who asks the browser for light, or for contrast."""
    return "\n".join(
        [
            _look(FIRST),
            *(f"@media ({asked}) {{\n{_look(LOOKS[name])}\n}}" for asked, name in ASKED),
        ]
    )


def _look(look: Look) -> str:
    inks = look.inks
    said = {
        "ground": look.grounds[GROUND],
        "raised": look.grounds[RAISED],
        "ink": inks.plain,
        "dim": inks.dim,
        "now": inks.leader,
        "link": inks.follower,
        "unsure": inks.unsure,
    }
    rules = [f":root {{ color-scheme: {'dark' if look.is_dark else 'light'}; {_declared(said)} }}"]
    for tone, style in look.styles.items():
        tones = [f"color: {style.color.name}"] if style.color is not None else []
        tones += [f"background: {style.bgcolor.name}"] if style.bgcolor is not None else []
        tones += ["font-weight: bold"] if style.bold else []
        tones += ["text-decoration: underline"] if style.underline else []
        rules.append(f".t-{tone.value} {{ {'; '.join(tones)} }}")
        if style.color is not None:
            rules.append(f".m-{tone.value} {{ fill: {style.color.name} }}")
    return "\n".join(rules)


def _declared(said: Mapping[str, str]) -> str:
    return " ".join(f"--{name}: {colour};" for name, colour in said.items())


def _asset(name: str) -> str:
    return (resources.files("sim.tui.exports") / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
