"""One reader that reads a topic back to its end, as part of a story."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from sim.clients.consumer import EARLIEST, ReadSettings
from sim.clients.reader import SimReader
from sim.clients.virtual_driver import SomeCluster


def reading_back(cluster: SomeCluster, topic: str) -> Generator[Any, Any, bool]:
    """Read each partition from its beginning to where it ends when it is first looked at. Gives whether that was reached."""
    reader = SimReader(cluster, topic, reading=ReadSettings(reset_to=EARLIEST, stops_at_end=True))
    while not reader.is_at_end and (yield from reader.wait(None)):
        pass
    reader.end()
    return True
