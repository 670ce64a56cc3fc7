"""The quorum as an admin client meets it: described, a voter added or removed where nobody can be, a broker that is not registered."""

from typing import Any
from uuid import UUID

from tests.conformance.suite.case import case
from tests.conformance.suite.codec import versions
from tests.conformance.suite.context import Context

NOWHERE = str(UUID(int=0))
SOMEWHERE = str(UUID(int=0x0123456789ABCDEF0123456789ABCDEF))
CONTROLLER = {"name": "CONTROLLER", "host": "127.0.0.1", "port": 9093}
OTHER = {"name": "OTHER", "host": "127.0.0.1", "port": 9094}
HUGE = (1 << 31) - 1


def cluster_id(c: Context) -> Any:
    return c.quiet("metadata", 12, topics=[], allow_auto_topic_creation=False)["cluster_id"]


@case
def unregister_broker(c: Context) -> None:
    """Ids of nobody."""
    for broker in (99, 0, -1, HUGE, -HUGE - 1):
        c.send("unregister_broker", 0, f"broker {broker}", broker_id=broker)


@case(each={"version": versions("add_raft_voter")})
def add_raft_voter(c: Context, version: Any) -> None:
    """What is wrong with each, and that the quorum's voters are fixed. (A listener without a name ends Apache Kafka's controller.)"""

    def go(note: str, **changed: Any) -> None:
        body: dict[str, Any] = {
            "cluster_id": ours, "timeout": 5000, "voter_id": 99, "voter_directory_id": SOMEWHERE, "listeners": [CONTROLLER],
        }  # fmt: skip
        c.send("add_raft_voter", version, note, **(body | changed))

    ours = cluster_id(c)
    go("sound")
    go("of no cluster said", cluster_id=None)
    go("of another cluster", cluster_id="another")
    go("of an empty cluster", cluster_id="")
    go("another cluster, and nothing else right", cluster_id="another", voter_id=-1, listeners=[])
    go("without a directory", voter_directory_id=NOWHERE)
    go("negative", voter_id=-1)
    go("negative, without a directory", voter_id=-1, voter_directory_id=NOWHERE)
    go("without listeners", listeners=[])
    go("at another listener", listeners=[OTHER])
    go("at two", listeners=[OTHER, CONTROLLER])
    go("at one twice", listeners=[CONTROLLER, CONTROLLER])
    go("at port 0", listeners=[CONTROLLER | {"port": 0}])
    go("at no host", listeners=[CONTROLLER | {"host": ""}])
    go("in no time", timeout=0)
    go("in negative time", timeout=-1)
    if version >= 1:
        go("not waiting until it is committed", ack_when_committed=False)


@case
def remove_raft_voter(c: Context) -> None:
    """What is wrong with each, and that the quorum's voters are fixed."""

    def go(note: str, **changed: Any) -> None:
        body: dict[str, Any] = {"cluster_id": ours, "voter_id": 99, "voter_directory_id": SOMEWHERE}
        c.send("remove_raft_voter", 0, note, **(body | changed))

    ours = cluster_id(c)
    go("of nobody")
    go("of no cluster said", cluster_id=None)
    go("of another cluster", cluster_id="another")
    go("of an empty cluster", cluster_id="")
    go("another cluster, and nothing else right", cluster_id="another", voter_id=-1, voter_directory_id=NOWHERE)
    go("without a directory", voter_directory_id=NOWHERE)
    go("negative", voter_id=-1)
    go("negative, without a directory", voter_id=-1, voter_directory_id=NOWHERE)
    go("a broker's id", voter_id=1)
    go("a controller's id", voter_id=100)


@case(each={"version": versions("describe_quorum")})
def describe_quorum(c: Context, version: Any) -> None:
    """The whole answer but for its observers; who leads is one of the voters, whatever its number.

    A broker that is its own controller observes nobody, and is observed by nobody: one process keeps one copy of the metadata log.
    """

    def shape(answer: Any) -> Any:
        ((topic, partition),) = ((t["topic_name"], p) for t in answer["topics"] for p in t["partitions"])
        voters = [one["replica_id"] for one in partition["current_voters"]]
        nodes = answer.get("nodes", [])
        return {
            "error_code": answer["error_code"],
            "error_message": answer.get("error_message"),
            "topic": topic,
            "partition": partition["partition_index"],
            "partition_error": [partition["error_code"], partition.get("error_message")],
            "leads": partition["leader_id"] in voters,
            "epoch": partition["leader_epoch"] > 0,
            "voters": [seen(one, partition) for one in partition["current_voters"]],
            "nodes": [node["node_id"] in voters for node in nodes],
            "listeners": [[one["name"] for one in node["listeners"]] for node in nodes],
        }

    def seen(replica: Any, partition: Any) -> Any:
        has_all = partition["high_watermark"] - replica["log_end_offset"] <= BEHIND
        return {
            "has_all": has_all,
            "directory": str(replica.get("replica_directory_id")) in {NOWHERE, "None"},
            "fetched": replica.get("last_fetch_timestamp", -1) > 0,
            "caught_up": replica.get("last_caught_up_timestamp", -1) > 0,
        }

    asked = [{"topic_name": "__cluster_metadata", "partitions": [{"partition_index": 0}]}]
    c.send("describe_quorum", version, topics=asked, _pick=shape)


BEHIND = 10
"""Offsets that a replica may lack at any moment: the controller writes one every half second."""
