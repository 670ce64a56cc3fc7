"""What a served run came to, for people and for programs: of a server that ends, and of a journal that is run again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.cli.endings import Exit

if TYPE_CHECKING:
    from sim.serve.attempt import Attempt
    from sim.serve.judgement import Judgement

SHOWN_MAX = 5
"""How many lost or doubled ranges are named; --json has all."""


def ending_status(judgement: Judgement) -> Exit:
    """Give the exit status."""
    from sim.judges.verdict import State

    if judgement.handler_failures:
        return Exit.OUR_BUG
    return {State.HOLDS: Exit.HOLDS, State.VIOLATED: Exit.VIOLATED, State.INCONCLUSIVE: Exit.INCONCLUSIVE}[
        judgement.state
    ]


def ending_json(judgement: Judgement, faults: Sequence[Attempt]) -> dict[str, Any]:
    """Give all of it as plain values."""
    return {**judgement.as_json(), "faults": [one.as_json() for one in faults]}


def tell_ending(judgement: Judgement, faults: Sequence[Attempt]) -> None:
    """Print what became of what was acknowledged, and the faults that did not strike."""
    from sim.cli.screen import MARKS, coloured, say
    from sim.judges.verdict import State
    from sim.serve.attempt import Fate

    def line(state: State, text: str) -> None:
        say(f"  {coloured(MARKS[state], state)} {text}")

    say()
    say(f"appended       {judgement.appended_records} records")
    say(f"acknowledged   {judgement.acknowledged_records}, as far as brokers said so")
    for name, count in sorted(judgement.refused.items()):
        say(f"refused        {count} x {name}")
    if judgement.lost:
        line(State.VIOLATED, f"{judgement.lost_records} acknowledged records are not in their leader's log:")
    else:
        line(State.HOLDS, "every acknowledged record is in the log of whoever leads now")
    for lost in judgement.lost[:SHOWN_MAX]:
        disks = ", ".join(f"b{broker}" for broker in lost.on_disks)
        where = f"on the disk of {disks}, not the leader's" if disks else "on no disk"
        say(f"      {lost.tp} {lost.first_offset} to {lost.last_offset}, leader epoch {lost.leader_epoch}: {where}")
    if judgement.twice:
        line(State.VIOLATED, f"{judgement.doubled_records} records are there twice:")
    for twice in judgement.twice[:SHOWN_MAX]:
        say(f"      {twice.tp} {twice.first_offset}, and again at {twice.again_offset}: {twice.records} records")
    if judgement.positions_lost:
        line(State.VIOLATED, f"{len(judgement.positions_lost)} positions of groups are not what was remembered:")
    elif judgement.remembered_positions:
        line(State.HOLDS, f"{judgement.remembered_positions} positions of groups are stored as they were remembered")
    for one in judgement.positions_lost[:SHOWN_MAX]:
        stands = "nowhere" if one.found < 0 else f"at {one.found}"
        told = f"{one.told_to} was told that it stands {stands}" if one.told_to else f"it stands {stands}"
        say(f"      group {one.group} in {one.tp}: {one.remembered} was remembered, and {told}")
    for tp in judgement.unread:
        line(State.INCONCLUSIVE, f"nobody leads {tp}: what was acknowledged or remembered there cannot be looked up")
    if judgement.handler_failures:
        line(State.VIOLATED, f"{judgement.handler_failures} requests on which a broker failed: a bug of ours")
    for fault in faults:
        if fault.fate is not Fate.FIRED:
            why = fault.reason or "its moment never came"
            line(State.INCONCLUSIVE, f"'{fault.entry}' did not strike: {why}")
