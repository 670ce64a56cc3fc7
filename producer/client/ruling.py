"""What the answer to a control request means, and which request goes first."""

from __future__ import annotations

from typing import NamedTuple

from producer.error_codes import ErrorCode

FIND_COORDINATOR = 0
INIT_PRODUCER_ID = 1
ADD_TO_TRANSACTION = 2
END_TRANSACTION = 3
BUMP_EPOCH = 4
"""Priorities, as TransactionManager.Priority orders them: what others need comes first."""

NO_LIMIT_US = 1 << 62


class Done(NamedTuple):
    """What was asked for is done."""


class Again(NamedTuple):
    """It is asked again, after a back-off."""

    within_us: int = NO_LIMIT_US
    """The longest back-off that makes sense."""


class Refind(NamedTuple):
    """It is asked again, after a back-off, of a coordinator that is looked for anew."""


class Abortable(NamedTuple):
    """It cannot be done; whoever asked may give up what it was part of, and go on."""

    error: ErrorCode


class Fatal(NamedTuple):
    """It can never be done, and whoever asked cannot go on."""

    error: ErrorCode


Ending = Done | Abortable | Fatal
"""How a request ends for good."""

Ruling = Ending | Again | Refind
"""What an answer means."""
