"""A served cluster describes itself as an Apache Kafka whose controller is a node of its own: field by field, but for addresses, times and offsets."""

from __future__ import annotations

from typing import Any

from sim.serve.server import Serving
from sim.serve.stage import Stage
from tests.conformance.suite.codec import NIL
from tests.conformance.suite.context import Context
from tests.conformance.suite.run import known_brokers
from tests.conformance.suite.tcp import TcpWire
from tests.conformance.suite.wire import Where
from tests.interop.apache_kafka import ApacheKafka
from tests.interop.layout import CONTROLLER
from tests.serve.served import Served

BROKERS = (1, 2, 3)
SETTINGS = ("broker.id", "controller.listener.names", "controller.quorum.bootstrap.servers", "node.id", "process.roles")
ANY = {"host", "port", "cluster_id", "finalized_features_epoch"}
COUNTED = {
    "leader_epoch",
    "high_watermark",
    "log_end_offset",
    "last_fetch_timestamp",
    "last_caught_up_timestamp",
}


def comparable(value: Any, name: str = "") -> Any:
    """Of what differs from cluster to cluster, what does not."""
    if isinstance(value, dict):
        return {key: comparable(one, key) for key, one in value.items()}
    if isinstance(value, list):
        found = [comparable(one, name) for one in value]
        return sorted(found, key=lambda one: one["replica_id"]) if name == "observers" else found
    if name in ANY:
        return f"<{name}>"
    if name in COUNTED:
        return value > 0
    if name == "replica_directory_id":
        return str(value) != str(NIL)
    if name == "controller_id":
        return value in BROKERS
    return bool(value) if name == "error_message" else value


def told(where: Where) -> dict[str, Any]:
    """What the cluster says of itself, by request."""
    wire = TcpWire(where)
    context = Context(wire, known_brokers(wire), "described")
    quorum = [{"topic_name": "__cluster_metadata", "partitions": [{"partition_index": 0}]}]
    broker = {"resource_type": 4, "resource_name": "1", "configuration_keys": list(SETTINGS)}
    try:
        asked = context.open(node=1)
        found: dict[str, Any] = {}
        for version in (0, 1, 2):
            found[f"DescribeQuorum {version}"] = asked.quiet("describe_quorum", version, topics=quorum)
        for version in (0, 1, 2):
            for endpoint_type in (1, 2) if version else (1,):
                more = {"endpoint_type": endpoint_type} if version else {}
                more |= {"include_fenced_brokers": True} if version > 1 else {}
                found[f"DescribeCluster {version}, {endpoint_type}"] = asked.quiet(
                    "describe_cluster", version, include_cluster_authorized_operations=False, **more
                )
        found["Metadata"] = asked.quiet("metadata", 12, topics=[], allow_auto_topic_creation=False)
        configs = asked.quiet(
            "describe_configs", 4, resources=[broker], include_synonyms=False, include_documentation=False
        )["results"][0]["configs"]
        found["DescribeConfigs"] = {one["name"]: one["value"] for one in configs}
        return found
    finally:
        context.close()


def test_the_controller_is_a_node_of_its_own(kafka: ApacheKafka) -> None:
    with Served(Stage(brokers=len(BROKERS)), Serving(port=0)) as cluster:
        ours = told(cluster.bootstrap.partition(",")[0])

    theirs = told(kafka.bootstrap.partition(",")[0])

    assert comparable(ours) == comparable(theirs)
    (quorum,) = ours["DescribeQuorum 2"]["topics"][0]["partitions"]
    assert quorum["leader_id"] == CONTROLLER
    assert sorted(one["replica_id"] for one in quorum["observers"]) == list(BROKERS)
