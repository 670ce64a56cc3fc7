"""Apache Kafka itself on 127.0.0.1, from its published jars: start it, hurt one node of it, ask its tools, end all of it."""

import base64
import contextlib
import ctypes
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from confluent_kafka import ElectionType, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ClusterMetadata,
    ConfigEntry,
    ConfigResource,
    ResourcePatternType,
    ResourceType,
)
from confluent_kafka.cimpl import NewPartitions, NewTopic

HERE = Path(__file__).parent
POM = HERE / "pom.xml"
JARS = HERE.parent.parent / ".interop"

CONTROLLER = 100
"""Node id of the controller, when it has a node to itself."""
WAIT_S_MAX = 90
TOOL_S_MAX = 60
LOG_LINES_SHOWN = 40

# Small heaps and the quick compiler only: nodes start in seconds, and four of them fit in a laptop.
JAVA = ["java", "-Xmx320m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"]
LOGGING = """\
<Configuration>
  <Appenders><Console name="out"><PatternLayout pattern="%d{ISO8601} %p %c{1} %m%n"/></Console></Appenders>
  <Loggers><Root level="WARN"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
"""
PR_SET_PDEATHSIG = 1


class KafkaError(AssertionError):
    """Apache Kafka did not do what a test needs of it; the message ends with what its nodes logged."""


def class_path(folder: Path = JARS) -> str:
    """The jars, fetched by Maven when `pom.xml` names others than the folder holds."""
    wanted, stamp = POM.read_text(), folder / "pom.xml"
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(folder / "jars", ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={folder / 'jars'}", "-DincludeScope=runtime"]
        done = subprocess.run(
            ["mvn", "-q", "-B", "-ntp", "-f", str(POM), *goal],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            raise KafkaError(f"mvn could not fetch the jars (exit {done.returncode}):\n{done.stdout}{done.stderr}")
        stamp.write_text(wanted)
    return f"{folder / 'jars'}/*"


@dataclass
class Node:
    """One process of the cluster, alive or not."""

    node_id: int
    listeners: Mapping[str, int]
    """Listener name -> port."""
    process: subprocess.Popen[bytes] | None = None
    is_paused: bool = False

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def is_awake(self) -> bool:
        return self.is_running and not self.is_paused


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

    def __post_init__(self) -> None:
        self.nodes: dict[int, Node] = {}

    # -- the whole cluster ---------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.class_path = class_path()
        (self.folder / "log4j2.xml").write_text(LOGGING)
        self._lay_out()
        try:
            self._format()
            for node_id in self.nodes:
                self._launch(node_id)
            for node_id in self.nodes:
                self._wait_listening(node_id)
            self.wait_for(self._missing_brokers, "brokers to register")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End every process; SIGKILL ends a stopped one too."""
        for node in self.nodes.values():
            if node.process is not None:
                node.process.kill()
                node.process.wait()

    @property
    def bootstrap(self) -> str:
        return self.bootstrap_of("PLAINTEXT")

    def bootstrap_of(self, listener: str, *, host: str = "127.0.0.1") -> str:
        return ",".join(f"{host}:{self.nodes[broker_id].listeners[listener]}" for broker_id in self.broker_ids)

    @property
    def broker_ids(self) -> list[int]:
        return [node_id for node_id, node in self.nodes.items() if "PLAINTEXT" in node.listeners]

    def logs(self) -> str:
        """The last lines of each node's log."""
        told = []
        for node_id in self.nodes:
            path = self._file(node_id, "log")
            lines = path.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:] if path.exists() else []
            told.append("\n".join([f"-- node {node_id} --", *lines]))
        return "\n".join(told)

    # -- one node ------------------------------------------------------------------------------------------------------

    def kill(self, node_id: int) -> None:
        """SIGKILL: gone at once, with what its disk holds."""
        process = self._process(node_id)
        process.kill()
        process.wait()

    def stop(self, node_id: int) -> None:
        """SIGTERM: an orderly shutdown, leaders handed over; then wait until nobody counts it in sync."""
        process = self._process(node_id)
        process.terminate()
        process.wait(WAIT_S_MAX)
        self.wait_for(lambda: self._in_sync_on(node_id), f"node {node_id} to leave the replicas in sync")

    def pause(self, node_id: int) -> None:
        """SIGSTOP: its sockets keep what arrives."""
        self._process(node_id).send_signal(signal.SIGSTOP)
        self.nodes[node_id].is_paused = True

    def resume(self, node_id: int) -> None:
        self._process(node_id).send_signal(signal.SIGCONT)
        self.nodes[node_id].is_paused = False

    def start(self, node_id: int) -> None:
        """Start a node again that was killed or stopped, on the disk it left."""
        self._launch(node_id)
        self._wait_listening(node_id)

    def heal(self) -> None:
        """Bring back every node, and wait until every replica is in sync."""
        for node_id, node in self.nodes.items():
            if node.is_running and node.is_paused:
                self.resume(node_id)
            elif not node.is_running:
                self.start(node_id)
        self.wait_for(self._missing_brokers, "brokers to register")
        self.wait_for(self._lagging_replicas, "replicas to come in sync")

    def wait_for(self, missing: Callable[[], Iterable[object]], what: str) -> None:
        """Wait until nothing is missing."""
        deadline = time.monotonic() + WAIT_S_MAX
        while still := list(missing()):
            if time.monotonic() > deadline:
                raise KafkaError(f"waited {WAIT_S_MAX} s for {what}, still {still}\n{self.logs()}")
            time.sleep(0.1)

    # -- topics --------------------------------------------------------------------------------------------------------

    def create_topic(
        self,
        name: str,
        *,
        partitions: int = 1,
        replicas: list[list[int]] | None = None,
        config: dict[str, str] | None = None,
    ) -> None:
        """A topic whose leaders are elected: a replica on each of up to three brokers, unless `replicas` says where.

        The first replica named leads; without `replicas` partition 0 is led by broker 1, the next by broker 2 and so on.
        """
        topic = NewTopic(
            name, partitions, replica_assignment=replicas or self._in_turn(partitions), config=config or {}
        )
        admin = self._admin(self._awake)
        admin.create_topics([topic])[name].result(WAIT_S_MAX)
        self.wait_for(lambda: [name for view in self._views() if not _is_led(view, name)], "leaders to be elected")
        self.wait_for(self._lagging_replicas, "replicas to come in sync")

    def delete_topic(self, name: str) -> None:
        """Delete a topic, and wait until no broker knows it any more."""
        admin = self._admin(self._awake)
        admin.delete_topics([name])[name].result(WAIT_S_MAX)
        self.wait_for(lambda: [name for view in self._views() if name in view.topics], "the topic to go")

    def add_partitions(self, topic: str, *, total: int) -> None:
        """Let the topic have so many partitions."""
        new = self._in_turn(total)[len(self._metadata().topics[topic].partitions) :]
        admin = self._admin(self._awake)
        admin.create_partitions([NewPartitions(topic, total, new)])[topic].result(WAIT_S_MAX)

    def reassign(self, topics: Iterable[str], replicas: list[list[int]]) -> None:
        """Let partition 0 of each topic have its replicas on the first of these lists of brokers, and so on; wait for it."""
        wanted = {(topic, number): brokers for topic in topics for number, brokers in enumerate(replicas)}
        plan = self.folder / "reassignment.json"
        moves = [{"topic": topic, "partition": number, "replicas": to} for (topic, number), to in wanted.items()]
        plan.write_text(json.dumps({"version": 1, "partitions": moves}))
        self.tool(
            "org.apache.kafka.tools.reassign.ReassignPartitionsCommand",
            *("--bootstrap-server", self.bootstrap, "--reassignment-json-file", str(plan), "--execute"),
        )

        def missing() -> list[str]:
            found = self._metadata().topics
            return [
                f"{topic}-{number}"
                for (topic, number), to in wanted.items()
                if found[topic].partitions[number].replicas != to
            ]

        self.wait_for(missing, "replicas to move")

    def elect_preferred(self, topics: Iterable[str]) -> None:
        """Let the first replica of each partition lead."""
        topics = list(topics)
        found = self._metadata().topics
        partitions = [TopicPartition(topic, number) for topic in topics for number in found[topic].partitions]
        admin = self._admin(self._awake)
        elected = admin.elect_leaders(ElectionType.PREFERRED, partitions).result(WAIT_S_MAX)
        errors = [f"{at.topic}-{at.partition}: {error}" for at, error in elected.items() if error]
        if errors:
            raise KafkaError(f"no election of {errors}")

    def set_topic_config(self, topic: str, name: str, value: str) -> None:
        entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[entry])
        admin = self._admin(self._awake)
        admin.incremental_alter_configs([resource])[resource].result(WAIT_S_MAX)

    def allow(self, user: str, operation: AclOperation, topic: str) -> None:
        """Let a user do that with the topic; only where there is an authorizer."""
        pattern, permission = ResourcePatternType.LITERAL, AclPermissionType.ALLOW
        acl = AclBinding(ResourceType.TOPIC, topic, pattern, f"User:{user}", "*", operation, permission)
        admin = self._admin(self._awake)
        admin.create_acls([acl])[acl].result(WAIT_S_MAX)

    def set_quota(self, *, client_id: str, producer_byte_rate: int) -> None:
        """Let each broker take no more than so many bytes a second of that client."""
        self.tool(
            "kafka.admin.ConfigCommand",
            *("--bootstrap-server", self.bootstrap, "--alter", "--entity-type", "clients", "--entity-name", client_id),
            *("--add-config", f"producer_byte_rate={producer_byte_rate}"),
        )

    def leader(self, topic: str, partition: int) -> int:
        """The broker that leads the partition now, -1 when none does."""
        return int(self._metadata().topics[topic].partitions[partition].leader)

    def wait_new_leader(self, topic: str, partition: int, *, after: int) -> int:
        """Wait until another broker than `after` leads."""
        self.wait_for(
            lambda: ["leader"] if self.leader(topic, partition) in (-1, after) else [], f"a leader other than {after}"
        )
        return self.leader(topic, partition)

    def segments(self, broker_id: int, topic: str) -> list[Path]:
        """The log segments of the topic on one broker, by partition and offset."""
        return sorted(self._data(broker_id).glob(f"{topic}-*/*.log"))

    def tool(self, java_class: str, *words: str) -> str:
        """Run a class of the jars; what it prints on stdout."""
        done = subprocess.run(
            self._java(java_class, *words),
            capture_output=True,
            encoding="utf-8",
            timeout=TOOL_S_MAX,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            raise KafkaError(f"{java_class} {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    # -- helpers -------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        ports = iter(free_ports((2 + len(self.listeners)) * self.brokers + 1))
        if self.brokers > 1:
            self.nodes[CONTROLLER] = Node(CONTROLLER, {"CONTROLLER": next(ports)})
        for broker_id in range(1, self.brokers + 1):
            names = ["PLAINTEXT", *self.listeners] + (["CONTROLLER"] if self.brokers == 1 else [])
            self.nodes[broker_id] = Node(broker_id, {name: next(ports) for name in names})
        for node in self.nodes.values():
            lines = [f"{name}={value}\n" for name, value in self._server_properties(node).items()]
            self._file(node.node_id, "properties").write_text("".join(lines))

    def _server_properties(self, node: Node) -> dict[str, str]:
        replicas = min(3, self.brokers)
        in_sync = max(1, replicas - 1)
        role_of = {"PLAINTEXT": "broker", "CONTROLLER": "controller"}
        voters = [
            f"{one.node_id}@127.0.0.1:{one.listeners['CONTROLLER']}"
            for one in self.nodes.values()
            if "CONTROLLER" in one.listeners
        ]
        return {
            "process.roles": ",".join(role_of[name] for name in node.listeners if name in role_of),
            "node.id": str(node.node_id),
            "controller.quorum.voters": ",".join(voters),
            "listeners": ",".join(f"{name}://127.0.0.1:{port}" for name, port in node.listeners.items()),
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": str(self._data(node.node_id)),
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
            **self.properties,
        }

    def _format(self) -> None:
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")
        formatting = [
            subprocess.Popen(
                self._java(
                    "kafka.tools.StorageTool",
                    *("format", "-t", cluster_id, "-c", str(self._file(one, "properties"))),
                    *self.format_words,
                ),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
            )
            for one in self.nodes
        ]
        for node_id, process in zip(self.nodes, formatting, strict=True):
            printed, _ = process.communicate(timeout=WAIT_S_MAX)
            if process.returncode:
                raise KafkaError(f"formatting node {node_id}: exit {process.returncode}\n{printed}")

    def _launch(self, node_id: int) -> None:
        assert not self.nodes[node_id].is_running, f"node {node_id} runs already"
        with self._file(node_id, "log").open("ab") as log:
            self.nodes[node_id].process = subprocess.Popen(
                self._java("kafka.Kafka", str(self._file(node_id, "properties"))),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C goes to pytest, whose fixture then ends the nodes
                preexec_fn=die_with_parent,  # noqa: PLW1509 - one prctl call, before any other thread can matter
            )
        self.nodes[node_id].is_paused = False

    def _wait_listening(self, node_id: int) -> None:
        port = next(iter(self.nodes[node_id].listeners.values()))

        def closed() -> list[int]:
            if not self.nodes[node_id].is_running:
                raise KafkaError(f"node {node_id} ended while starting\n{self.logs()}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return []
            return [port]

        self.wait_for(closed, f"node {node_id} to listen")

    def _in_turn(self, partitions: int) -> list[list[int]]:
        brokers = self.broker_ids
        turned = [brokers[start:] + brokers[:start] for start in range(len(brokers))]
        return [turned[number % len(turned)][:3] for number in range(partitions)]

    def _missing_brokers(self) -> list[int]:
        return sorted(set(self.broker_ids) - set(self._metadata().brokers))

    def _metadata(self) -> ClusterMetadata:
        return next(self._views())

    def _views(self) -> Iterator[ClusterMetadata]:
        """The cluster as each broker that is awake sees it; a new topic is not known to all at once."""
        for broker_id in self._awake:
            yield self._admin([broker_id]).list_topics(timeout=10)

    @property
    def _awake(self) -> list[int]:
        return [broker_id for broker_id in self.broker_ids if self.nodes[broker_id].is_awake]

    def _admin(self, broker_ids: list[int]) -> AdminClient:
        # A client that lives on remembers brokers that are dead or paused by now, and waits for their answer.
        servers = [f"127.0.0.1:{self.nodes[broker_id].listeners['PLAINTEXT']}" for broker_id in broker_ids]
        return AdminClient({"bootstrap.servers": ",".join(servers), "log_level": 0})

    def _in_sync_on(self, broker_id: int) -> list[str]:
        return [
            f"{name}-{number}"
            for view in self._views()
            for name, topic in view.topics.items()
            for number, one in topic.partitions.items()
            if broker_id in one.isrs and one.isrs != [broker_id]
        ]

    def _lagging_replicas(self) -> list[str]:
        topics = self._metadata().topics
        return [
            f"{name}-{number}: {sorted(set(one.replicas) - set(one.isrs))}"
            for name, topic in topics.items()
            for number, one in topic.partitions.items()
            if set(one.replicas) != set(one.isrs) or one.leader == -1
        ]

    def _process(self, node_id: int) -> subprocess.Popen[bytes]:
        process = self.nodes[node_id].process
        assert process is not None
        assert process.poll() is None, f"node {node_id} is not running"
        return process

    def _java(self, java_class: str, *words: str) -> list[str]:
        logging = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.xml'}"
        return [*JAVA, logging, "-cp", self.class_path, java_class, *words]

    def _file(self, node_id: int, kind: str) -> Path:
        return self.folder / f"node-{node_id}.{kind}"

    def _data(self, node_id: int) -> Path:
        return self.folder / f"node-{node_id}"


def _is_led(view: ClusterMetadata, topic: str) -> bool:
    found = view.topics.get(topic)
    return found is not None and bool(found.partitions) and all(one.leader != -1 for one in found.partitions.values())


def free_ports(count: int) -> list[int]:
    """Ports on 127.0.0.1 that nobody holds at this moment, all different."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def die_with_parent() -> None:
    """On Linux a node ends with the test run even when that is killed and no fixture comes to its end."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
