"""What is there before the first process of a cluster: nodes, their ports, the properties of each, formatted disks."""

import base64
import contextlib
import os
import socket
import subprocess
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.interop.jars import KafkaError, java
from tests.interop.node import Node

CONTROLLER = 100
"""Node id of the controller, when it has a node to itself."""
FORMAT_S_MAX = 90
ROLE_OF = {"PLAINTEXT": "broker", "CONTROLLER": "controller"}
PORTS = range(20_000, 32_000)
"""Below what systems give to connections that go out and to who asks for any port: a node that is down finds its own again."""
WORKERS_MAX = 8
"""Each worker of a test run has a share of them, or one would take the port of another's node that is down."""


def lay_out(folder: Path, *, brokers: int, listeners: Iterable[str], properties: Mapping[str, str]) -> list[Node]:
    """Give each node ports and a file of properties. One broker is its own controller, several have one beside them.

    Each broker has `listeners` beside PLAINTEXT; `properties` go over what is said here.
    """
    names = ["PLAINTEXT", *listeners]
    listening = {CONTROLLER: ["CONTROLLER"]} if brokers > 1 else {}
    listening |= {broker_id: names + (["CONTROLLER"] if brokers == 1 else []) for broker_id in range(1, brokers + 1)}
    ports = iter(free_ports(sum(map(len, listening.values()))))
    nodes = [Node(node_id, {name: next(ports) for name in of}, folder) for node_id, of in listening.items()]
    common = _common_properties(nodes, brokers) | dict(properties)
    for node in nodes:
        lines = [f"{name}={value}\n" for name, value in (_own_properties(node) | common).items()]
        node.properties.write_text("".join(lines))
    return nodes


def _own_properties(node: Node) -> dict[str, str]:
    return {
        "process.roles": ",".join(ROLE_OF[name] for name in node.listeners if name in ROLE_OF),
        "node.id": str(node.node_id),
        "listeners": ",".join(f"{name}://127.0.0.1:{port}" for name, port in node.listeners.items()),
        "log.dirs": str(node.data),
    }


def _common_properties(nodes: Iterable[Node], brokers: int) -> dict[str, str]:
    replicas = min(3, brokers)
    in_sync = max(1, replicas - 1)
    voters = [
        f"{one.node_id}@127.0.0.1:{one.listeners['CONTROLLER']}" for one in nodes if "CONTROLLER" in one.listeners
    ]
    return {
        "controller.quorum.voters": ",".join(voters),
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "min.insync.replicas": str(in_sync),
        "auto.create.topics.enable": "false",
        "group.initial.rebalance.delay.ms": "0",
        "offsets.topic.num.partitions": "1",
        "offsets.topic.replication.factor": str(replicas),
        "transaction.state.log.num.partitions": "1",
        "transaction.state.log.replication.factor": str(replicas),
        "transaction.state.log.min.isr": str(in_sync),
        "share.coordinator.state.topic.replication.factor": str(replicas),
        "share.coordinator.state.topic.min.isr": str(in_sync),
    }


def format_disks(nodes: Sequence[Node], words: Iterable[str]) -> None:
    """Format the disk of each node, all for one cluster; `words` are further ones for Kafka's tool: users, say."""
    cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")
    formatting = [
        subprocess.Popen(
            java("kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(one.properties), *words),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        for one in nodes
    ]
    for node, process in zip(nodes, formatting, strict=True):
        printed, _ = process.communicate(timeout=FORMAT_S_MAX)
        if process.returncode:
            raise KafkaError(f"formatting node {node.node_id}: exit {process.returncode}\n{printed}")


def free_ports(count: int) -> list[int]:
    """Ports on 127.0.0.1 that nobody holds at this moment, all different, and none that was given before."""
    with contextlib.ExitStack() as held:
        found: list[int] = []
        for port in _OWN:
            one = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                one.bind(("127.0.0.1", port))
                found.append(port)
            if len(found) == count:
                return found
    raise KafkaError(f"of this worker's ports on 127.0.0.1 fewer than {count} are left")


def _own_ports() -> Iterator[int]:
    """The share of this process, from a place of its own on: another checkout may be tested at the same time."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS_MAX
    share = PORTS[worker::WORKERS_MAX]
    begin = os.getpid() * 7 % len(share)
    return iter([*share[begin:], *share[:begin]])


_OWN = _own_ports()
