"""The nodes of one cluster together: who is awake, where they listen, what they logged, and waiting for them."""

import time
from collections.abc import Callable, Iterable, Iterator

from tests.interop.jars import KafkaError
from tests.interop.node import Node

WAIT_S_MAX = 90


class Nodes:
    """By node id, in the order in which they start."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._nodes = {node.node_id: node for node in nodes}

    def __getitem__(self, node_id: int) -> Node:
        return self._nodes[node_id]

    def __iter__(self) -> Iterator[Node]:
        return iter(self._nodes.values())

    @property
    def broker_ids(self) -> list[int]:
        return [node.node_id for node in self if node.is_broker]

    @property
    def awake(self) -> list[int]:
        """The brokers that can answer."""
        return [broker_id for broker_id in self.broker_ids if self[broker_id].is_awake]

    def addresses(self, broker_ids: Iterable[int], *, listener: str = "PLAINTEXT", host: str = "127.0.0.1") -> str:
        """Where those brokers listen, as `bootstrap.servers` has it."""
        return ",".join(f"{host}:{self[broker_id].listeners[listener]}" for broker_id in broker_ids)

    def logs(self) -> str:
        """The last lines of each node's log."""
        return "\n".join(node.last_lines() for node in self)

    def wait_for(self, missing: Callable[[], Iterable[object]], what: str) -> None:
        """Wait until nothing is missing. Raises KafkaError with all logs."""
        deadline = time.monotonic() + WAIT_S_MAX
        while still := list(missing()):
            if time.monotonic() > deadline:
                raise KafkaError(f"waited {WAIT_S_MAX} s for {what}, still {still}\n{self.logs()}")
            time.sleep(0.1)

    def wait_listening(self, node: Node) -> None:
        """Wait until a node that was launched takes connections. Raises KafkaError if it ends instead."""

        def deaf() -> list[int]:
            if not node.is_running:
                raise KafkaError(f"node {node.node_id} ended while starting\n{self.logs()}")
            return [] if node.is_listening else list(node.listeners.values())

        self.wait_for(deaf, f"node {node.node_id} to listen")
