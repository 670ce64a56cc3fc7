"""What happens in a simulated cluster, one typed event each, by subject; `producer.events` holds what the engine itself says.

Every event opens with `at_us`. An event names entities by the same words everywhere: `client`, `broker`, `topic`,
`partition`, `connection` (the client's own number, as a port is), so that a query or an anchor can match on fields.
"""

from sim.trace.events.application import (
    PhaseBegan,
    PhaseEnded,
    PhaseSent,
    RecordAcknowledged,
    RecordFailed,
    RecordRead,
    RecordSent,
)
from sim.trace.events.broker import (
    BatchAppended,
    BatchDeduplicated,
    BatchReplicated,
    BecameFollower,
    BecameLeader,
    BrokerCrashed,
    BrokerPaused,
    BrokerResumed,
    BrokerStarted,
    HighWatermarkAdvanced,
    LogFlushed,
    LogTruncated,
)
from sim.trace.events.controller import (
    BrokerFenced,
    BrokerRegistered,
    BrokerUnfenced,
    IsrChanged,
    LeaderElected,
    PartitionsAdded,
    TopicCreated,
)
from sim.trace.events.faults import (
    FaultInjected,
    FaultRefused,
    RunEnded,
)
from sim.trace.events.requests import (
    HandlerFailed,
    ProduceAnswered,
    RequestReceived,
    ResponseDropped,
    ResponseSent,
)

__all__ = [
    "BatchAppended",
    "BatchDeduplicated",
    "BatchReplicated",
    "BecameFollower",
    "BecameLeader",
    "BrokerCrashed",
    "BrokerFenced",
    "BrokerPaused",
    "BrokerRegistered",
    "BrokerResumed",
    "BrokerStarted",
    "BrokerUnfenced",
    "FaultInjected",
    "FaultRefused",
    "HandlerFailed",
    "HighWatermarkAdvanced",
    "IsrChanged",
    "LeaderElected",
    "LogFlushed",
    "LogTruncated",
    "PartitionsAdded",
    "PhaseBegan",
    "PhaseEnded",
    "PhaseSent",
    "ProduceAnswered",
    "RecordAcknowledged",
    "RecordFailed",
    "RecordRead",
    "RecordSent",
    "RequestReceived",
    "ResponseDropped",
    "ResponseSent",
    "RunEnded",
    "TopicCreated",
]
