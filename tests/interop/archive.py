"""Apache Kafka's classes read and checked once, for every process of a test run: half of what a node needs to start is that.

A node is started, written to and ended, and leaves what it has loaded in an archive that Java maps into memory
(class data sharing, JEP 350). `python -m tests.interop.archive` makes it where there is none that this Java takes.
"""

import subprocess
import tempfile
from pathlib import Path

from producer import Producer
from tests.interop.admin import Admin
from tests.interop.jars import ARCHIVE, JAVA, LOGGING, PLAIN_JAVA, KafkaError, class_path
from tests.interop.layout import format_disks, lay_out
from tests.interop.node import Node, die_with_parent
from tests.interop.nodes import Nodes

END_S_MAX = 120
TOPIC = "topic"


def is_usable() -> bool:
    """Whether this Java takes the archive: it is there, and of the jars as they are."""
    words = [*JAVA, "-Xshare:on", "-cp", class_path(), "-version"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def make() -> None:
    """Let a node of its own write it. Raises KafkaError if the node does not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (node,) = lay_out(folder, brokers=1, listeners=(), properties={})
        format_disks([node], ())
        made = ARCHIVE.with_suffix(".new")
        words = [*PLAIN_JAVA, f"-XX:ArchiveClassesAtExit={made}", "-Xlog:cds*=off", LOGGING, "-cp", class_path()]
        with node.log.open("ab") as log:
            node.process = subprocess.Popen(
                [*words, "kafka.Kafka", str(node.properties)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - as for the nodes
            )
        try:
            write_to(node, folder)
            node.terminate(within_s=END_S_MAX)
        finally:
            if node.is_running:
                node.kill()
        if not made.exists():
            raise KafkaError(f"Java wrote no archive of its classes\n{node.last_lines()}")
        made.replace(ARCHIVE)


def write_to(node: Node, folder: Path) -> None:
    """Let it do what a broker does: it loads what that takes."""
    nodes = Nodes([node])
    nodes.wait_listening(node)
    Admin(nodes, folder).create_topic(TOPIC)
    bootstrap = nodes.addresses(nodes.broker_ids)
    with Producer({"bootstrap.servers": bootstrap, "transactional.id": "archive"}) as producer:
        producer.init_transactions()
        with producer.transaction():
            producer.send(TOPIC, b"v")


if __name__ == "__main__" and not is_usable():
    make()
