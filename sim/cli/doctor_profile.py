"""`acklab doctor --profile NAME`: what a profile sets and why, what it promises, and what it needs beside it."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

from sim.cli.endings import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from producer.config.profiles import Profile, Setting

WIDTH = 96


def explain(name: str, *, as_json: bool) -> None:
    """Tell a profile. Raises CommandError listing those that there are."""
    from producer.config.profiles import PROFILES

    if name not in PROFILES:
        problem = f"{name!r} is no profile" if name else "which profile?"
        raise CommandError(f"--profile: {problem}; there are {', '.join(PROFILES)}")
    profile = PROFILES[name]
    if as_json:
        print(json.dumps(_as_json(profile)))
    else:
        print("\n".join(_as_text(profile)))


def _as_json(profile: Profile) -> dict[str, object]:
    return {
        "format": "acklab-profile-1",
        "name": profile.name,
        "purpose": profile.purpose,
        "sets": [setting._asdict() for setting in profile.settings],
        "promises": profile.promises,
        "does_not_promise": profile.does_not_promise,
        "needs": [setting._asdict() for setting in profile.needs],
    }


def _as_text(profile: Profile) -> Iterable[str]:
    yield f"{profile.name}: {profile.purpose}"
    yield "\nsets, unless it is given besides:"
    yield from _settings(profile.settings)
    yield "\npromises:"
    yield from _sentences(profile.promises)
    yield "\ndoes not promise:"
    yield from _sentences(profile.does_not_promise)
    yield "\nneeds beside it, of brokers and topics:"
    yield from _settings(profile.needs)
    yield f"\nto use it: -X acklab.profile={profile.name}, --set acklab.profile={profile.name}, or in a producer's properties"


def _settings(settings: Iterable[Setting]) -> Iterable[str]:
    for name, value, why in settings:
        yield f"  {name}={value}"
        yield textwrap.fill(why, WIDTH, initial_indent="      ", subsequent_indent="      ")


def _sentences(sentences: Iterable[str]) -> Iterable[str]:
    for sentence in sentences:
        yield textwrap.fill(sentence, WIDTH, initial_indent="  - ", subsequent_indent="    ")
