"""What a broker is to the controller, and what it becomes when its heartbeat arrives (BrokerHeartbeatManager).

Pure: `next_control_state` is Kafka's calculateNextBrokerState, by which a broker that asks to stop is let go (KIP-631, KIP-841).
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple


class BrokerControlState(Enum):
    """Kafka's BrokerControlState."""

    FENCED = auto()
    UNFENCED = auto()
    CONTROLLED_SHUTDOWN = auto()
    """It asked to stop: its leaderships are elsewhere, and the others are to learn of it before it goes."""
    SHUTDOWN_NOW = auto()
    """It may go, and is fenced with the answer."""


class Beat(NamedTuple):
    """What a heartbeat and the metadata say of a broker."""

    is_caught_up: bool
    """Whether it has the metadata up to its own registration."""
    wants_shut_down: bool
    has_leaderships: bool
    is_known_everywhere: bool
    """Whether every other broker in service has applied the change by which this one's leaderships were moved."""


def next_control_state(state: BrokerControlState, beat: Beat) -> BrokerControlState:
    """Give what follows from a heartbeat."""
    match state:
        case BrokerControlState.FENCED:
            if beat.wants_shut_down:
                return BrokerControlState.SHUTDOWN_NOW
            return BrokerControlState.UNFENCED if beat.is_caught_up else state
        case BrokerControlState.UNFENCED:
            if not beat.wants_shut_down:
                return state
            if beat.has_leaderships:
                return BrokerControlState.CONTROLLED_SHUTDOWN
            return BrokerControlState.SHUTDOWN_NOW
        case BrokerControlState.CONTROLLED_SHUTDOWN:
            if beat.has_leaderships or not beat.is_known_everywhere:
                return state
            return BrokerControlState.SHUTDOWN_NOW
        case BrokerControlState.SHUTDOWN_NOW:
            return state
