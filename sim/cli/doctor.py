"""`acklab doctor`: what is here, what is optional, what is missing, and the command that installs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from sim.cli.doctor_policy import explain_policy
from sim.cli.doctor_profile import explain
from sim.cli.endings import CommandError, Exit, ends
from sim.cli.options import AsJson

ProfileName = Annotated[
    str | None,
    typer.Option("--profile", metavar="NAME", help="Explain a profile of producer properties instead."),
]

PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", metavar="FILE", help="Explain the configuration bundles of a file instead."),
]


class DoctorCommand(TyperCommand):
    """Lets `--profile` stand without a name: the answer lists the names."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        following = [*args[1:], "-"]
        words = [
            f"{word}=" if word == "--profile" and next_word.startswith("-") else word
            for word, next_word in zip(args, following, strict=False)
        ]
        return super().parse_args(ctx, words)


@ends
def doctor(profile: ProfileName = None, policy: PolicyFile = None, as_json: AsJson = False) -> int:
    """Say what is installed, what is missing, and how to get it. Exits with 1 if acklab itself lacks something.

    With --policy, exits with 1 if a lock refuses something.
    """
    if policy is not None:
        if profile is not None:
            raise CommandError("--policy and --profile exclude each other")
        return explain_policy(policy, as_json=as_json)
    if profile is not None:
        explain(profile, as_json=as_json)
        return Exit.HOLDS
    from sim.cli.doctor_findings import SHADOWED, findings

    found = list(findings())
    is_well = all(one.is_there for one in found if one.is_required)
    if as_json:
        print(json.dumps({"format": "acklab-doctor-1", "is_well": is_well, "found": [one._asdict() for one in found]}))
        return Exit.HOLDS if is_well else Exit.VIOLATED
    for one in found:
        mark = "✓" if one.is_there else "✗" if one.is_required else "·"
        print(f"{mark} {one.name:<16}{one.detail:<14}{one.purpose}".rstrip())
        if not one.is_there:
            print(f"  {'':<16}{'to get rid of it' if one.detail == SHADOWED else 'to get it'}: {one.remedy}")
    print()
    print("everything that acklab needs is here" if is_well else "acklab lacks something: see ✗ above")
    return Exit.HOLDS if is_well else Exit.VIOLATED
