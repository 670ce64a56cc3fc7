"""Registries on a simulated cluster, and somebody on a host of its own who asks them, all in virtual time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from producer.config.config import ProducerConfig
from producer.records import Record, TopicPartition
from producer.wire.record_batch import decode_records
from sim.clients.drivers import SimProducer
from sim.cluster.cluster import Cluster
from sim.cluster.config import ClusterConfig
from sim.registry.node.ensemble import Registries
from sim.registry.node.exchange import Exchange
from sim.registry.node.log import TOPIC
from sim.registry.node.node import PORT
from sim.registry.rest.messages import Request
from sim.trace.trace import Trace
from sim.world.kernel import World
from sim.world.units import MILLISECOND_US, SECOND_US
from tests.registry.asking import Said

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.registry.rest.messages import Reply

ASKER = "asker"
STEP_US = 20 * MILLISECOND_US


class Staged:
    """A cluster whose brokers serve, and registries that are settled."""

    def __init__(self, count: int = 1, *, seed: int = 0, brokers: int = 3, begins: bool = True) -> None:
        self.world = World(seed=seed)
        self.trace = Trace()
        self.cluster = Cluster(self.world, self.trace, ClusterConfig(brokers=brokers))
        self.cluster.start()
        self.until(self.cluster.is_settled)
        self.registries = Registries(self.cluster, count)
        self.asker = self.cluster.network.add_host(ASKER)
        self._asked = 0
        if begins:
            self.registries.begin()
            self.until(self.registries.is_settled)

    def until(self, holds: Callable[[], bool], within_us: int = 120 * SECOND_US) -> None:
        """Let time pass until it holds."""
        limit_us = self.world.now_us + within_us
        while not holds():
            assert self.world.now_us < limit_us, "it has not come true in time"
            self.world.run_until(self.world.now_us + STEP_US)

    def after(self, duration_us: int) -> None:
        self.world.run_until(self.world.now_us + duration_us)

    @property
    def leader(self) -> str:
        (found,) = self.registries.leaders
        return found

    @property
    def followers(self) -> list[str]:
        return [name for name, node in self.registries.nodes.items() if not node.is_over and not node.is_leader]

    def begin(
        self, registry: str, method: str, target: str, body: Any = None, *, timeout_us: int = 90 * SECOND_US
    ) -> list[Said | str]:
        """Ask; the list has the answer, or why there is none, as soon as it is there."""
        answers: list[Said | str] = []

        def told(reply: Reply) -> None:
            answers.append(Said(int(reply.status), json.loads(reply.body)))

        self._asked += 1
        data = b"" if body is None else json.dumps(body).encode()
        Exchange(
            self.cluster.network,
            self.asker,
            (registry, PORT),
            Request(method, target, data, "application/json"),
            connection=self._asked,
            timeout_us=timeout_us,
            on_reply=told,
            on_failed=answers.append,
        )
        return answers

    def ask(self, registry: str, method: str, target: str, body: Any = None, **more: Any) -> Said:
        """Ask, and wait for the answer."""
        answers = self.begin(registry, method, target, body, **more)
        self.until(lambda: bool(answers))
        assert isinstance(answers[0], Said), answers[0]
        return answers[0]

    def write(self, key: bytes, value: bytes | None) -> None:
        """Let somebody who is no registry write into the log."""
        servers = ",".join(f"{host}:{port}" for host, port in self.cluster.bootstrap)
        stranger = SimProducer(
            self.cluster, ProducerConfig.from_properties({"bootstrap.servers": servers}), name="stranger"
        )
        self.world.story(stranger.send(Record(TOPIC, value, key, 0), 1))

    def read_log(self) -> list[tuple[bytes, bytes | None]]:
        """Read the log on the disk of its leader: key and value of each record."""
        tp = TopicPartition(TOPIC, 0)
        process = self.cluster.brokers[self.cluster.leader_of(tp)].process
        assert process is not None
        log = process.replicas.partitions[tp].log
        batches = log.read(log.start_offset, up_to_offset=log.end_offset, bytes_max=1 << 30)
        return [(one.key or b"", one.value) for batch in batches for one in decode_records(batch.data)]

    def register(self, registry: str, subject: str, schema: str) -> Said:
        return self.ask(registry, "POST", f"/subjects/{subject}/versions", {"schema": schema})
