"""Partitioners that a user may have got wrong."""

from typing import Any

from producer import Partitioner


class Wrong(Partitioner):
    def partition(self, record: Any, partitions: Any) -> Any:
        return "north"


class Unmade(Wrong):
    def __init__(self, region: str) -> None:
        self.region = region
