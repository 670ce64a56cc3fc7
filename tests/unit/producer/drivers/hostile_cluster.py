"""Several hostile brokers, one topic whose partitions' leaders are spread over them, and addresses where nothing is ever answered."""

from __future__ import annotations

import socket
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from enum import Enum
from typing import Any, Self

import pytest

from producer.wire.messages import metadata
from tests.unit.producer.drivers.black_hole import black_hole
from tests.unit.producer.drivers.hostile_broker import HostileBroker, Manner
from tests.unit.producer.drivers.one_broker import TOPIC, TOPIC_ID

PARTITIONS_EACH = 2
HOLE_HOST = "127.0.0.2"
NAME = "two.addresses"
"""Of a hole first, and then of the first broker."""


class Hole(Enum):
    BESIDE = "an address beside the good ones in bootstrap.servers"
    LEADER = "where the last broker is said to be"
    FIRST = "the first address of the name by which the first broker is known"


class HostileCluster:
    """As many brokers as there are lists of manners; the holes are at one address. It lasts as long as the `with` block."""

    def __init__(self, manners: Sequence[Sequence[Manner]], *, holes: Collection[Hole] = (), seed: int = 0) -> None:
        self._holes = holes
        self._brokers = [HostileBroker(one, seed=seed + number) for number, one in enumerate(manners)]
        for broker in self._brokers:
            broker.tells_metadata = self._metadata
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            if self._holes:
                stack.enter_context(black_hole(HOLE_HOST, self._ports[0]))
            if Hole.FIRST in self._holes:
                stack.enter_context(pytest.MonkeyPatch.context()).setattr(socket, "getaddrinfo", _looking_up())
            for broker in self._brokers:
                stack.enter_context(broker)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *raised: object) -> None:
        self._stack.close()

    @property
    def _ports(self) -> list[int]:
        return [int(broker.address.rpartition(":")[2]) for broker in self._brokers]

    @property
    def descriptors(self) -> int:
        """How many of this process's the brokers hold; what a hole holds does not change."""
        return sum(broker.descriptors for broker in self._brokers)

    @property
    def servers(self) -> str:
        """What to give as bootstrap.servers."""
        beside = [(HOLE_HOST, self._ports[0])] if Hole.BESIDE in self._holes else []
        return ",".join(f"{host}:{port}" for host, port in [*beside, *self._addresses])

    @property
    def _addresses(self) -> list[tuple[str, int]]:
        first = NAME if Hole.FIRST in self._holes else "127.0.0.1"
        return [("127.0.0.1" if number else first, port) for number, port in enumerate(self._ports)]

    def _metadata(self) -> metadata.MetadataResponse:
        advertised = self._addresses
        if Hole.LEADER in self._holes:
            advertised[-1] = (HOLE_HOST, self._ports[0])
        count = len(advertised)
        partitions = tuple(
            metadata.MetadataPartition(0, index, index % count + 1, 1) for index in range(count * PARTITIONS_EACH)
        )
        return metadata.MetadataResponse(
            brokers=tuple(metadata.MetadataBroker(node, *where) for node, where in enumerate(advertised, start=1)),
            topics=(metadata.MetadataTopic(0, TOPIC, TOPIC_ID, partitions=partitions),),
        )


def _looking_up() -> Any:
    look_up = socket.getaddrinfo

    def found(host: str, port: int, *rest: Any, **more: Any) -> list[Any]:
        hosts = [HOLE_HOST, "127.0.0.1"] if host == NAME else [host]
        return [one for known in hosts for one in look_up(known, port, *rest, **more)]

    return found
