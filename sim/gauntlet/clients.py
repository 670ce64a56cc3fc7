"""Which libraries run the gauntlet: what each is called, how its program is started, and its two configurations."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, NamedTuple

ID = "transactional.id"
TIMEOUTS = ("request.timeout.ms", "delivery.timeout.ms", "transaction.timeout.ms", "max.block.ms")
"""What a story in transactions sets besides the id, for whoever tells it: by Kafka's names."""
AS_IN_KAFKA: Mapping[str, str] = {name: name for name in TIMEOUTS}

PROGRAMS = "sim.gauntlet.programs"
JAVA_PROGRAM = Path(__file__).parent / "programs" / "KafkaClients.java"
JAVA_JAR = "kafka-clients"

Configuration = Literal["default", "safest"]
CONFIGURATIONS: tuple[Configuration, ...] = ("default", "safest")
"""What a library does when nothing is set; and the most that it promises."""


class Client(NamedTuple):
    """One library."""

    name: str
    program: str
    """A module of `sim.gauntlet.programs`; empty for Java."""
    package: str
    """By which Python knows its version."""
    safest: Mapping[str, Any]
    """Properties over the defaults."""
    is_underscored: bool = False
    """Whether its properties are Python's names: bootstrap_servers."""
    timeouts: Mapping[str, str] = AS_IN_KAFKA
    """Kafka's name of a time-out -> its own; those that it does not have are missing."""

    def properties(
        self, configuration: Configuration, bootstrap: str, application: str, told: Mapping[str, str]
    ) -> dict[str, Any]:
        """Give the properties of its producer; `told` are those of the story, of which only one in transactions gives any."""
        own = dict(self.safest) if configuration == "safest" else {}
        if ID in told:
            own[ID] = told[ID]
            timeouts = {self.timeouts[name]: told[name] for name in TIMEOUTS if name in told and name in self.timeouts}
            own |= {name: int(value) for name, value in timeouts.items()} if self.is_underscored else timeouts
        if self.is_underscored:
            own = {name.replace(".", "_"): value for name, value in own.items()}
            return {"bootstrap_servers": bootstrap.split(","), "client_id": application, **own}
        return {"bootstrap.servers": bootstrap, "client.id": application, **own}

    def command(self, java_class_path: str) -> list[str]:
        """Give the command that starts its program."""
        if self.program:
            return [sys.executable, "-m", f"{PROGRAMS}.{self.program}"]
        return ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", java_class_path, str(JAVA_PROGRAM)]

    def missing(self, java_class_path: str) -> str:
        """Say what it takes to ask it; empty if it is there."""
        if not self.program:
            return "" if java_class_path else "not asked: --java CLASSPATH says where its jars are"
        return "" if self.version(java_class_path) else f"not asked: pip install {self.package}"

    def version(self, java_class_path: str) -> str:
        """Give its version; empty if it is not installed."""
        if not self.program:
            jars = [jar for part in java_class_path.split(":") for jar in Path(part).parent.glob(f"{JAVA_JAR}-*.jar")]
            return jars[0].stem.removeprefix(f"{JAVA_JAR}-") if jars else ""
        try:
            return version(self.package)
        except PackageNotFoundError:
            return ""


CLIENTS: tuple[Client, ...] = (
    Client("acklab", "ours", "acklab", {"acklab.profile": "safe"}),
    Client("java", "", "", {"acks": "all", "enable.idempotence": "true"}),
    Client(
        "confluent-kafka",
        "confluent",
        "confluent-kafka",
        {"acks": "all", "enable.idempotence": True},
        # Its request.timeout.ms is what a broker may take; what a client waits for is its socket's.
        timeouts={**{name: name for name in TIMEOUTS[1:3]}, "request.timeout.ms": "socket.timeout.ms"},
    ),
    Client(
        "kafka-python",
        "kafka_python",
        "kafka-python",
        {"acks": "all", "enable_idempotence": True},
        is_underscored=True,
    ),
    Client(
        "aiokafka",
        "aiokafka",
        "aiokafka",
        {"acks": "all", "enable_idempotence": True},
        is_underscored=True,
        timeouts={name: name for name in ("request.timeout.ms", "transaction.timeout.ms")},
    ),
)


def client_named(name: str) -> Client:
    """Raises ValueError naming those there are."""
    for one in CLIENTS:
        if one.name == name:
            return one
    raise ValueError(f"there is no client {name!r}, clients are {', '.join(one.name for one in CLIENTS)}")
