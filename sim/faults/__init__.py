"""The catalogue of faults: one frozen value each, with one line of text for it and one verb, `inject`.

The same value stands in a scenario, comes from `--fault`, is drawn by a search and is printed in a witness.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from sim.faults.answers import AnswerWithError, DelayResponse, DropResponse
from sim.faults.brokers import Crash, Pause, Restart, Resume, SlowDisk
from sim.faults.clean_stop import Stop
from sim.faults.leadership import AddPartitions, MoveLeader, ShrinkIsr
from sim.faults.links import CutLink, HoldLink, OpenLink, ResetLink
from sim.faults.rejections import RejectLink
from sim.faults.rolling_restart import RollingRestart
from sim.faults.targets import Followers, Leader, NotInjectedError, followers, leader
from sim.faults.text import FaultTextError

__all__ = [
    "FAULT_TYPES",
    "AddPartitions",
    "AnswerWithError",
    "Crash",
    "CutLink",
    "DelayResponse",
    "DropResponse",
    "Fault",
    "FaultTextError",
    "Followers",
    "HoldLink",
    "Leader",
    "MoveLeader",
    "NotInjectedError",
    "OpenLink",
    "Pause",
    "RejectLink",
    "ResetLink",
    "Restart",
    "Resume",
    "RollingRestart",
    "ShrinkIsr",
    "SlowDisk",
    "Stop",
    "followers",
    "leader",
    "parse_fault",
]

Fault = Annotated[
    Crash
    | Restart
    | Stop
    | RollingRestart
    | Pause
    | Resume
    | SlowDisk
    | MoveLeader
    | ShrinkIsr
    | AddPartitions
    | HoldLink
    | CutLink
    | RejectLink
    | OpenLink
    | ResetLink
    | DropResponse
    | DelayResponse
    | AnswerWithError,
    Field(discriminator="kind"),
]
"""Any fault; pydantic tells them apart by `kind`."""

FAULT_TYPES: tuple[type[Any], ...] = (
    Crash,
    Restart,
    Stop,
    RollingRestart,
    Pause,
    Resume,
    SlowDisk,
    MoveLeader,
    ShrinkIsr,
    AddPartitions,
    HoldLink,
    CutLink,
    RejectLink,
    OpenLink,
    ResetLink,
    DropResponse,
    DelayResponse,
    AnswerWithError,
)

_BY_VERB: dict[str, type[Any]] = {fault_type.EXAMPLE.split()[0]: fault_type for fault_type in FAULT_TYPES}


def parse_fault(text: str) -> Fault:
    """Read the line that `str(fault)` writes. Raises FaultTextError saying what was expected."""
    line = " ".join(text.split())
    verb = line.partition(" ")[0]
    fault_type = _BY_VERB.get(verb)
    if fault_type is None:
        raise FaultTextError(f"{line!r} is not a fault: expected it to begin with one of {', '.join(_BY_VERB)}")
    match = fault_type.PATTERN.fullmatch(line)
    if match is None:
        raise FaultTextError(f"{line!r} is not a fault: expected it as in {fault_type.EXAMPLE!r}")
    fault: Fault = fault_type.from_match(match)
    return fault
