"""The catalogue of faults: one frozen value each, with one line of text for it and one verb, `inject`.

The same value stands in a scenario, comes from `--fault`, is drawn by a search and is printed in a witness.
"""

from __future__ import annotations

from typing import Any, get_args

from sim.faults.alteration import Alter
from sim.faults.answers import AnswerWithError, DelayResponse, DropResponse
from sim.faults.applications import (
    KillApplication,
    PauseApplication,
    ReplaceApplication,
    RestartApplication,
    ResumeApplication,
    StartApplication,
    StopApplication,
)
from sim.faults.brokers import Crash, Pause, Restart, Resume, SlowDisk
from sim.faults.clean_stop import Stop
from sim.faults.clocks import SetClock
from sim.faults.controllers import CrashController, PauseController, RestartController, ResumeController
from sim.faults.deployment import Deploy
from sim.faults.election import Elect
from sim.faults.flipped_bit import FlipBit
from sim.faults.gateways import CrashGateway, PauseGateway, RestartGateway, ResumeGateway, StopGateway
from sim.faults.key_service import PauseKeyService, ResumeKeyService
from sim.faults.keys import RotateKey, ShredKey
from sim.faults.leadership import AddPartitions, MoveLeader, ShrinkIsr
from sim.faults.links import CutLink, HoldLink, OpenLink, ResetLink
from sim.faults.log_directories import FailLogDirectory, RepairLogDirectory
from sim.faults.log_files import CutLogShort, UnsyncLog
from sim.faults.quotas import SetQuota
from sim.faults.raw_writes import RawWrite
from sim.faults.reading import CloseReader, Read
from sim.faults.registries import (
    CrashRegistry,
    PauseRegistry,
    RestartRegistry,
    ResumeRegistry,
    SlowRegistry,
    StopRegistry,
)
from sim.faults.rejections import RejectLink
from sim.faults.requests import DetainRequest, LoseRequest
from sim.faults.rights import Deny, Grant, Revoke
from sim.faults.rolling_restart import RollingRestart
from sim.faults.targets import (
    Coordinator,
    Followers,
    Leader,
    NotInjectedError,
    TransactionCoordinator,
    followers,
    leader,
)
from sim.faults.text import FaultTextError, nearest
from sim.faults.topics import CreateTopic, DeleteTopic

__all__ = [
    "FAULT_TYPES",
    "OF_GATEWAY",
    "OF_GOVERNANCE",
    "OF_RIGHTS",
    "OF_SCHEMAS",
    "AddPartitions",
    "Alter",
    "AnswerWithError",
    "CloseReader",
    "Coordinator",
    "Crash",
    "CrashController",
    "CrashGateway",
    "CrashRegistry",
    "CreateTopic",
    "CutLink",
    "CutLogShort",
    "DelayResponse",
    "DeleteTopic",
    "Deny",
    "Deploy",
    "DetainRequest",
    "DropResponse",
    "Elect",
    "FailLogDirectory",
    "Fault",
    "FaultTextError",
    "FlipBit",
    "Followers",
    "Grant",
    "HoldLink",
    "KillApplication",
    "Leader",
    "LoseRequest",
    "MoveLeader",
    "NotInjectedError",
    "OpenLink",
    "Pause",
    "PauseApplication",
    "PauseController",
    "PauseGateway",
    "PauseKeyService",
    "PauseRegistry",
    "RawWrite",
    "Read",
    "RejectLink",
    "RepairLogDirectory",
    "ReplaceApplication",
    "ResetLink",
    "Restart",
    "RestartApplication",
    "RestartController",
    "RestartGateway",
    "RestartRegistry",
    "Resume",
    "ResumeApplication",
    "ResumeController",
    "ResumeGateway",
    "ResumeKeyService",
    "ResumeRegistry",
    "Revoke",
    "RollingRestart",
    "RotateKey",
    "SetClock",
    "SetQuota",
    "ShredKey",
    "ShrinkIsr",
    "SlowDisk",
    "SlowRegistry",
    "StartApplication",
    "Stop",
    "StopApplication",
    "StopGateway",
    "StopRegistry",
    "TransactionCoordinator",
    "UnsyncLog",
    "followers",
    "leader",
    "parse_fault",
]

Fault = (
    Crash
    | Restart
    | Stop
    | RollingRestart
    | Pause
    | Resume
    | SlowDisk
    | SetClock
    | CrashController
    | PauseController
    | RestartController
    | ResumeController
    | MoveLeader
    | Elect
    | ShrinkIsr
    | AddPartitions
    | Alter
    | Grant
    | Deny
    | Revoke
    | SetQuota
    | DeleteTopic
    | CreateTopic
    | HoldLink
    | CutLink
    | RejectLink
    | OpenLink
    | ResetLink
    | DropResponse
    | DelayResponse
    | AnswerWithError
    | DetainRequest
    | LoseRequest
    | CutLogShort
    | UnsyncLog
    | FlipBit
    | FailLogDirectory
    | RepairLogDirectory
    | StopRegistry
    | CrashRegistry
    | RestartRegistry
    | PauseRegistry
    | ResumeRegistry
    | SlowRegistry
    | PauseKeyService
    | ResumeKeyService
    | RotateKey
    | ShredKey
    | StopGateway
    | CrashGateway
    | RestartGateway
    | PauseGateway
    | ResumeGateway
    | StartApplication
    | StopApplication
    | KillApplication
    | PauseApplication
    | ResumeApplication
    | RestartApplication
    | ReplaceApplication
    | Deploy
    | Read
    | CloseReader
    | RawWrite
)
"""Any fault; whoever reads one from JSON tells them apart by `kind`, which each has for itself."""

FAULT_TYPES: tuple[type[Any], ...] = get_args(Fault)
OF_SCHEMAS: tuple[type[Any], ...] = (
    StopRegistry,
    CrashRegistry,
    RestartRegistry,
    PauseRegistry,
    ResumeRegistry,
    SlowRegistry,
    Deploy,
)
"""Those of registries and of versions, which only a story with schemas has: no search but that of such stories draws them."""
OF_RIGHTS: tuple[type[Any], ...] = (Grant, Deny, Revoke)
"""Those of rights, which only a cluster with an authorizer has: a search draws none of them either."""
OF_QUOTAS: tuple[type[Any], ...] = (SetQuota,)
"""What is staged against one client, and held against a bound that only a story states: nor does one draw these."""

OF_GATEWAY: tuple[type[Any], ...] = (StopGateway, CrashGateway, RestartGateway, PauseGateway, ResumeGateway)
"""Those of a gateway's process, which only a story with one has: only a search for class G draws them, there."""

OF_GOVERNANCE: tuple[type[Any], ...] = (PauseKeyService, ResumeKeyService, RotateKey, ShredKey, *OF_GATEWAY)
"""Those of a key service and of a gateway, which only a story with one has: no search draws those of a key service."""

_BY_VERB: dict[str, list[type[Any]]] = {}
for _fault_type in FAULT_TYPES:
    # `pause` is said of a broker and of an application: whose pattern fits decides.
    _BY_VERB.setdefault(_fault_type.EXAMPLE.split()[0], []).append(_fault_type)


def parse_fault(text: str) -> Fault:
    """Read the line that `str(fault)` writes. Raises FaultTextError saying what was expected."""
    line = " ".join(text.split())
    verb = line.partition(" ")[0]
    fault_types = _BY_VERB.get(verb)
    if fault_types is None:
        instead = nearest(verb, _BY_VERB) or f": expected it to begin with one of {', '.join(_BY_VERB)}"
        raise FaultTextError(f"{line!r} is not a fault{instead}")
    for fault_type in fault_types:
        match = fault_type.PATTERN.fullmatch(line)
        if match is not None:
            fault: Fault = fault_type.from_match(match)
            return fault
    examples = " | ".join(fault_type.EXAMPLE for fault_type in fault_types)
    raise FaultTextError(f"{line!r} is not a fault: expected it as in {examples!r}")
