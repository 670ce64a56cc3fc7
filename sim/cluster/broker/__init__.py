"""One broker of the simulated cluster: its life, its replicas, and what it answers to clients and to other brokers."""

from sim.cluster.broker.broker import Broker, DiskLoss
from sim.cluster.broker.tampering import (
    AfterDrop,
    AnswerError,
    DelayResponse,
    DetainRequest,
    DropResponse,
    LoseRequest,
    Rule,
    Tampering,
)

__all__ = [
    "AfterDrop",
    "AnswerError",
    "Broker",
    "DelayResponse",
    "DetainRequest",
    "DiskLoss",
    "DropResponse",
    "LoseRequest",
    "Rule",
    "Tampering",
]
