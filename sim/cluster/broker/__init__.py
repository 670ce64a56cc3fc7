"""One broker of the simulated cluster: its life, its replicas, and what it answers to clients and to other brokers."""

from sim.cluster.broker.broker import Broker, DiskLoss
from sim.cluster.broker.tampering import AfterDrop, AnswerError, DelayResponse, DropResponse, Rule, Tampering

__all__ = [
    "AfterDrop",
    "AnswerError",
    "Broker",
    "DelayResponse",
    "DiskLoss",
    "DropResponse",
    "Rule",
    "Tampering",
]
