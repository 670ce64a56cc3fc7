"""Apache Kafka itself on 127.0.0.1, from its published jars: start it, hurt one node of it, ask its tools, end all of it."""

import base64
import contextlib
import ctypes
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

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
            self.admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
            self._wait_for(self._missing_brokers, "brokers to register")
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
        """SIGTERM: an orderly shutdown, leaders handed over."""
        process = self._process(node_id)
        process.terminate()
        process.wait(WAIT_S_MAX)

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
        self._wait_for(self._missing_brokers, "brokers to register")
        self._wait_for(self._lagging_replicas, "replicas to come in sync")

    # -- topics --------------------------------------------------------------------------------------------------------

    def create_topic(self, name: str, *, partitions: int = 1) -> None:
        """A topic with a replica on each of up to three brokers, its leaders elected."""
        replicas = min(3, self.brokers)
        self.admin.create_topics([NewTopic(name, partitions, replicas)])[name].result(WAIT_S_MAX)
        self._wait_for(lambda: [] if name in self._led_topics() else [name], "leaders to be elected")
        self._wait_for(self._lagging_replicas, "replicas to come in sync")

    def leader(self, topic: str, partition: int) -> int:
        """The broker that leads the partition now, -1 when none does."""
        return int(self.admin.list_topics(timeout=10).topics[topic].partitions[partition].leader)

    def wait_new_leader(self, topic: str, partition: int, *, after: int) -> int:
        """Wait until another broker than `after` leads."""
        self._wait_for(
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

        self._wait_for(closed, f"node {node_id} to listen")

    def _wait_for(self, missing: Callable[[], Iterable[object]], what: str) -> None:
        deadline = time.monotonic() + WAIT_S_MAX
        while still := list(missing()):
            if time.monotonic() > deadline:
                raise KafkaError(f"waited {WAIT_S_MAX} s for {what}, still {still}\n{self.logs()}")
            time.sleep(0.1)

    def _missing_brokers(self) -> list[int]:
        return sorted(set(self.broker_ids) - set(self.admin.list_topics(timeout=10).brokers))

    def _led_topics(self) -> list[str]:
        topics = self.admin.list_topics(timeout=10).topics
        return [
            name
            for name, topic in topics.items()
            if topic.partitions and all(one.leader != -1 for one in topic.partitions.values())
        ]

    def _lagging_replicas(self) -> list[str]:
        topics = self.admin.list_topics(timeout=10).topics
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


# -- what the tools print ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Consumed:
    """One record as Kafka's console consumer prints it."""

    partition: int
    offset: int
    key: str
    value: str


def console_consume(kafka: ApacheKafka, topic: str, *, count: int) -> list[Consumed]:
    """Read `count` records from the beginning with Kafka's own console consumer."""
    shown = ["print.partition=true", "print.offset=true", "print.key=true", "key.separator=\t"]
    printed = kafka.tool(
        "org.apache.kafka.tools.consumer.ConsoleConsumer",
        *("--bootstrap-server", kafka.bootstrap, "--topic", topic, "--from-beginning"),
        *("--max-messages", str(count), "--timeout-ms", "20000"),
        *(word for one in shown for word in ("--formatter-property", one)),
    )
    records = []
    for line in printed.splitlines():
        partition, offset, key, value = line.split("\t")
        records.append(
            Consumed(int(partition.removeprefix("Partition:")), int(offset.removeprefix("Offset:")), key, value)
        )
    return records


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """One batch on a broker's disk as Kafka's DumpLogSegments prints it."""

    base_offset: int
    last_offset: int
    count: int
    producer_id: int
    base_sequence: int
    codec: str
    is_valid: bool


def stored_batches(kafka: ApacheKafka, broker_id: int, topic: str) -> list[StoredBatch]:
    """Every batch of the topic in one broker's log files, checksums verified by Kafka."""
    files = [str(path) for path in kafka.segments(broker_id, topic)]
    printed = kafka.tool("org.apache.kafka.tools.DumpLogSegments", "--deep-iteration", "--files", ",".join(files))
    batches = []
    for line in printed.splitlines():
        if not line.startswith("baseOffset:"):
            continue
        fields = dict(re.findall(r"(\w+): (\S+)", line))
        batches.append(
            StoredBatch(
                base_offset=int(fields["baseOffset"]),
                last_offset=int(fields["lastOffset"]),
                count=int(fields["count"]),
                producer_id=int(fields["producerId"]),
                base_sequence=int(fields["baseSequence"]),
                codec=fields["compresscodec"],
                is_valid=fields["isvalid"] == "true",
            )
        )
    return batches
