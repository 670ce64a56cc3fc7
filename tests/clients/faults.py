"""The faults that strike foreign clients, each by calls of the control port: at which request of the client, and what happens then."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from tests.clients.library import GROUP

CLIENT = "stranger"
"""client.id of whom a fault strikes; of a group's members, the one that joins second."""


class Operation(Enum):
    """What a client is about when a fault strikes."""

    PRODUCE = "produce, idempotent"
    PRODUCE_PLAINLY = "produce, not idempotent"
    CONSUME = "consume in a group"
    ADMINISTER = "administer"


_ASKED = f"after RequestReceived#{{nth}} api={{api}} client_id={CLIENT}: "
_PRODUCE = _ASKED.format(nth=5, api="Produce")
_SYNC = _ASKED.format(nth=1, api="SyncGroup")
_JOIN = _ASKED.format(nth=1, api="FindCoordinator")
_COMMIT = _ASKED.format(nth=1, api="OffsetCommit")
_CREATE = _ASKED.format(nth=1, api="CreateTopics")
_BEGIN = _ASKED.format(nth=1, api="Metadata")
_GROUP = _ASKED.format(nth=1, api="DescribeGroups")

LEADER = "leader(orders-0)"
COORDINATOR = f"coordinator({GROUP})"
HOLD = "400ms"
"""How long what passes by itself lasts: longer than any client's patience between two tries."""
LONGER = "3s"
"""Longer than most of these clients wait for an answer; the request arrives all the same."""
RESUMED = f"after BrokerPaused +{HOLD}: resume b1,b2,b3"

RESTARTED = "after BrokerCrashed +1s: restart b1,b2,b3"
"""A topic with three replicas needs three brokers, and an admin client may stay with the one it knows."""

ARRIVAL = "after RequestDetained"
ARRIVED = f"{ARRIVAL} +3100ms: clock b1 right"
"""Changes nothing: whoever waits for it has waited until the request that was held up has arrived."""


class Fault(NamedTuple):
    """One row of the table."""

    name: str
    produce: tuple[str, ...]
    consume: tuple[str, ...]
    administer: tuple[str, ...]

    def lines(self, operation: Operation) -> tuple[str, ...]:
        """Give what the control port is asked for; nothing where the fault has no such point."""
        match operation:
            case Operation.PRODUCE | Operation.PRODUCE_PLAINLY:
                return self.produce
            case Operation.CONSUME:
                return self.consume
            case Operation.ADMINISTER:
                return self.administer


FAULTS = (
    Fault(
        "the leader crashes",
        (f"{_PRODUCE}crash {LEADER}",),
        (f"{_SYNC}crash {LEADER}",),
        (f"{_CREATE}crash {LEADER}", RESTARTED),
    ),
    Fault(
        "the coordinator crashes",
        (),
        (f"{_SYNC}crash {COORDINATOR}",),
        (f"{_GROUP}crash {COORDINATOR}", RESTARTED),
    ),
    Fault(
        "the controller crashes",
        (),
        (f"{_SYNC}crash controller", f"after ControllerCrashed +{HOLD}: restart controller"),
        (f"{_CREATE}crash controller", f"after ControllerCrashed +{HOLD}: restart controller"),
    ),
    Fault(
        "the leader moves",
        (f"{_PRODUCE}move orders-0",),
        (f"{_SYNC}move orders-0",),
        (f"{_CREATE}move orders-0",),
    ),
    Fault(
        "an answer is lost with its connection",
        (f"{_PRODUCE}drop Produce x1 by anybody then reset",),
        (f"{_SYNC}drop SyncGroup x1 by anybody then reset",),
        (f"{_CREATE}drop CreateTopics x1 by anybody then reset",),
    ),
    Fault(
        "an answer never comes",
        (f"{_PRODUCE}drop Produce x1 by anybody then stall",),
        (f"{_COMMIT}drop OffsetCommit x1 by anybody then stall",),
        (f"{_CREATE}drop CreateTopics x1 by anybody then stall",),
    ),
    Fault(
        "an answer is late",
        (f"{_PRODUCE}delay Produce x1 by anybody for {HOLD}",),
        (f"{_SYNC}delay SyncGroup x1 by anybody for {HOLD}",),
        (f"{_CREATE}delay CreateTopics x1 by anybody for {HOLD}",),
    ),
    Fault(
        "a request is held up for three seconds",
        (f"{_PRODUCE}detain Produce x1 to anybody for {LONGER}", ARRIVED),
        (f"{_JOIN}detain JoinGroup x1 to anybody for {LONGER}", ARRIVED),
        (f"{_BEGIN}detain CreateTopics x1 to anybody for {LONGER}", ARRIVED),
    ),
    Fault(
        "every connection is reset",
        (f"{_PRODUCE}reset 127.0.0.1 <-> *",),
        (f"{_SYNC}reset 127.0.0.1 <-> *",),
        (f"{_CREATE}reset 127.0.0.1 <-> *",),
    ),
    Fault(
        "the network stands still for a while",
        (f"{_PRODUCE}hold 127.0.0.1 <-> *", f"{_PRODUCE.removesuffix(': ')} +{HOLD}: open 127.0.0.1 <-> *"),
        (f"{_SYNC}hold 127.0.0.1 <-> *", f"{_SYNC.removesuffix(': ')} +{HOLD}: open 127.0.0.1 <-> *"),
        (f"{_CREATE}hold 127.0.0.1 <-> *", f"{_CREATE.removesuffix(': ')} +{HOLD}: open 127.0.0.1 <-> *"),
    ),
    Fault(
        "a broker is paused",
        (f"{_PRODUCE}pause {LEADER}", RESUMED),
        (f"{_SYNC}pause {COORDINATOR}", RESUMED),
        (f"{_GROUP}pause {COORDINATOR}", RESUMED),
    ),
    Fault(
        "too few replicas are in sync",
        (f"{_PRODUCE}shrink orders-0 by followers(orders-0) for {HOLD}",),
        (f"{_COMMIT}shrink __consumer_offsets-0 by followers(__consumer_offsets-0) for {HOLD}",),
        (),
    ),
    Fault(
        "a disk is slow",
        (f"{_PRODUCE}slow {LEADER} x100",),
        (f"{_SYNC}slow {COORDINATOR} x100",),
        (f"{_CREATE}slow b1,b2,b3 x100",),
    ),
    Fault(
        "an error that passes",
        (f"{_PRODUCE}answer Produce NOT_LEADER_OR_FOLLOWER x1 by anybody",),
        (f"{_COMMIT}answer OffsetCommit NOT_COORDINATOR x1 by anybody",),
        (f"{_BEGIN}answer DescribeGroups NOT_COORDINATOR x1 by anybody",),
    ),
    Fault(
        "a rebalance, or a controller that moved",
        (),
        (f"{_COMMIT}answer Heartbeat REBALANCE_IN_PROGRESS x1 by anybody",),
        (f"{_BEGIN}answer CreateTopics NOT_CONTROLLER x1 by anybody",),
    ),
    Fault(
        "an error that does not pass",
        (f"{_PRODUCE}answer Produce TOPIC_AUTHORIZATION_FAILED x1 by anybody",),
        (f"{_JOIN}answer JoinGroup GROUP_AUTHORIZATION_FAILED x1 by anybody",),
        (f"{_BEGIN}answer CreateTopics TOPIC_AUTHORIZATION_FAILED x1 by anybody",),
    ),
)
