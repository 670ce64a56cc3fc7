"""A real Kafka producer: a sans-IO engine, and drivers for it.

Everything here is loaded when it is first asked for, so that `import producer.engine.engine` brings no thread, no event loop
and no socket along.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from producer.dead_letters import DeadLetterPolicy, DeadLetterProducer
    from producer.drivers.aio import AsyncProducer
    from producer.drivers.interceptors import Interceptor
    from producer.drivers.threads import Producer
    from producer.partitioners.partitioner import Partitioner

__all__ = ["AsyncProducer", "DeadLetterPolicy", "DeadLetterProducer", "Interceptor", "Partitioner", "Producer"]

_HOMES = {
    "AsyncProducer": "producer.drivers.aio",
    "DeadLetterPolicy": "producer.dead_letters",
    "DeadLetterProducer": "producer.dead_letters",
    "Interceptor": "producer.drivers.interceptors",
    "Partitioner": "producer.partitioners.partitioner",
    "Producer": "producer.drivers.threads",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    msg = f"module 'producer' has no attribute {name!r}"
    raise AttributeError(msg)
