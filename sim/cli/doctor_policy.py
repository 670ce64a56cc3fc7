"""`acklab doctor --policy FILE`: which bundle each property of an application came from, and which lock refused what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.endings import CommandError, Exit
from sim.cli.schema_files import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from producer.governance.bundles.effective import Effective, Explained

WHAT = (
    "A bundle is what one layer says of producer properties: organisation, then team, then environment, then the application. The later "
    "wins, unless an earlier one has locked the property."
)


def explain_policy(file: Path, *, as_json: bool) -> int:
    """Tell what holds for every application of a file. Raises CommandError for a file that is wrong."""
    from producer.errors import ConfigError
    from producer.governance.bundles.effective import contradiction, explain
    from producer.governance.bundles.reading import bundles_from

    try:
        bundles = bundles_from(text_of(file))
    except ConfigError as error:
        raise CommandError(f"{file}: {error}") from error
    told = [explain(bundles, one) for one in bundles.applications]
    wrong = {one.application: contradiction(one.properties) for one in told}
    if as_json:
        print(
            json.dumps(
                {"format": "acklab-policy-1", "applications": [_as_json(one, wrong[one.application]) for one in told]}
            )
        )
    else:
        _tell(file, told, wrong)
    is_well = not any(one.refusals or wrong[one.application] for one in told)
    return Exit.HOLDS if is_well else Exit.VIOLATED


def _as_json(one: Explained, wrong: str | None) -> dict[str, object]:
    return {
        "application": one.application,
        "layers": one.layers,
        "properties": [
            setting._asdict() | {"over": [said._asdict() for said in setting.over]} for setting in one.settings
        ],
        "refused": [refusal._asdict() for refusal in one.refusals],
        "contradiction": wrong,
    }


def _tell(file: Path, told: Iterable[Explained], wrong: dict[str, str | None]) -> None:
    from sim.cli.screen import labelled, say

    for line in labelled("", WHAT, label_width=0):
        say(line.strip())
    for one in told:
        say()
        say(f"{one.application}: {' < '.join(one.layers)}")
        width = max((len(f"{setting.name}={setting.value}") for setting in one.settings), default=0)
        for setting in one.settings:
            say(f"  {f'{setting.name}={setting.value}':<{width}}  {_came_from(setting)}".rstrip())
        for refusal in one.refusals:
            for line in labelled("", f"✗ {refusal.message}", label_width=0):
                say(line)
        if (problem := wrong[one.application]) is not None:
            for line in labelled("", f"✗ together these are no configuration: {problem}", label_width=0):
                say(line)
    if not wrong:
        say(f"\n{file} names no application, so nothing holds for anybody")


def _came_from(setting: Effective) -> str:
    words = setting.layer
    if setting.locked_by is not None:
        words += ", locked" if setting.locked_by == setting.layer else f", within the lock of {setting.locked_by}"
    if setting.why:
        words += f": {setting.why}"
    over = "; ".join(f"{said.value} of {said.layer}" for said in setting.over)
    return f"{words} (over {over})" if over else words
