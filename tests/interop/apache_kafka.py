"""Apache Kafka itself on 127.0.0.1: a cluster that is up, one node of it hurt and healed, and all of it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.interop.admin import Admin
from tests.interop.layout import format_disks, lay_out
from tests.interop.nodes import WAIT_S_MAX, Nodes


@dataclass
class ApacheKafka:
    """`with ApacheKafka(folder, brokers=3) as kafka:` a cluster that is up, and no process of it afterwards.

    One broker is its own controller; several have a controller of their own, so that any broker may be paused or
    killed without stopping elections.
    """

    folder: Path
    """Data, properties and logs; should be empty."""
    brokers: int = 1
    properties: Mapping[str, str] = field(default_factory=dict)
    """Server properties over the fixture's own."""
    listeners: tuple[str, ...] = ()
    """Names of listeners that each broker has beside PLAINTEXT; `properties` says what they are."""
    format_words: tuple[str, ...] = ()
    """Further words for formatting the disks: users, say."""
    nodes: Nodes = field(init=False)
    admin: Admin = field(init=False)

    # -- the whole cluster ---------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.nodes = Nodes(
            lay_out(self.folder, brokers=self.brokers, listeners=self.listeners, properties=self.properties)
        )
        self.admin = Admin(self.nodes, self.folder)
        try:
            format_disks(list(self.nodes), self.format_words)
            for node in self.nodes:
                node.launch()
            for node in self.nodes:
                self.nodes.wait_listening(node)
            self.nodes.wait_for(self.admin.missing_brokers, "brokers to register")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End every process."""
        for node in self.nodes:
            if node.is_running:
                node.kill()

    @property
    def bootstrap(self) -> str:
        return self.bootstrap_of("PLAINTEXT")

    def bootstrap_of(self, listener: str, *, host: str = "127.0.0.1") -> str:
        return self.nodes.addresses(self.broker_ids, listener=listener, host=host)

    @property
    def broker_ids(self) -> list[int]:
        return self.nodes.broker_ids

    def logs(self) -> str:
        """The last lines of each node's log."""
        return self.nodes.logs()

    def segments(self, broker_id: int, topic: str) -> list[Path]:
        """The log segments of the topic on one broker, by partition and offset."""
        return sorted(self.nodes[broker_id].data.glob(f"{topic}-*/*.log"))

    def heal(self) -> None:
        """Bring back every node, and wait until every replica is in sync."""
        for node in self.nodes:
            if node.is_running and node.is_paused:
                node.resume()
            elif not node.is_running:
                self.start(node.node_id)
        self.nodes.wait_for(self.admin.missing_brokers, "brokers to register")
        self.nodes.wait_for(self.admin.lagging_replicas, "replicas to come in sync")

    # -- one node ------------------------------------------------------------------------------------------------------

    def kill(self, node_id: int) -> None:
        """SIGKILL: gone at once, with what its disk holds."""
        self.nodes[node_id].kill()

    def stop(self, node_id: int) -> None:
        """SIGTERM: an orderly shutdown, leaders handed over; then wait until nobody counts it in sync."""
        self.nodes[node_id].terminate(within_s=WAIT_S_MAX)
        self.nodes.wait_for(lambda: self.admin.in_sync_on(node_id), f"node {node_id} to leave the replicas in sync")

    def pause(self, node_id: int) -> None:
        """SIGSTOP: its sockets keep what arrives."""
        self.nodes[node_id].pause()

    def resume(self, node_id: int) -> None:
        self.nodes[node_id].resume()

    def start(self, node_id: int) -> None:
        """Start a node again that was killed or stopped, on the disk it left."""
        self.nodes[node_id].launch()
        self.nodes.wait_listening(self.nodes[node_id])
