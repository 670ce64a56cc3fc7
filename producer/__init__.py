"""A real Kafka producer: a sans-IO engine, and drivers for it.

`Producer` is loaded when it is first asked for, so that `import producer.engine` brings no thread and no socket along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from producer.drivers.threads import Producer

__all__ = ["Producer"]


def __getattr__(name: str) -> object:
    if name == "Producer":
        from producer.drivers.threads import Producer

        return Producer
    msg = f"module 'producer' has no attribute {name!r}"
    raise AttributeError(msg)
