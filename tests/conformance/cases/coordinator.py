"""FindCoordinator."""

from typing import Any

from tests.conformance.suite.case import case
from tests.conformance.suite.context import Context

SHARE = "AAAAAAAAAAAAAAAAAAAAAQ"


@case(each={"version": (1, 2, 3, 4, 5, 6)})
def transaction(c: Context, version: Any) -> None:
    """A transactional id's coordinator."""
    for key in ("some-txn", ""):
        if version >= 4:
            c.send("find_coordinator", version, repr(key), key_type=1, coordinator_keys=[key])
        else:
            c.send("find_coordinator", version, repr(key), key_type=1, key=key)


@case(each={"version": (3, 5, 6)})
def share(c: Context, version: Any) -> None:
    """Share coordinators, v6; keys are group:topicId:partition."""
    good = f"group:{SHARE}:0"
    if version >= 4:
        for key in ("group", good, "group:x:0", f"group:{SHARE}:x", f":{SHARE}:0", f"{SHARE}:0", f"group:{SHARE}:-1"):
            c.send("find_coordinator", version, key, key_type=2, coordinator_keys=[key], _retry=(15,))
    else:
        c.send("find_coordinator", version, key_type=2, key=good)


@case(brokers=3)
def not_coordinator(c: Context) -> None:
    """Requests to a broker that is not the coordinator."""
    key, txn = c.name("g"), c.name("txn")
    node = next(n for n in sorted(c.brokers) if n != c.coordinator(key))
    conn = c.open("not the coordinator", node=node)
    conn.send(
        "join_group",
        5,
        group_id=key,
        session_timeout=10000,
        rebalance_timeout=10000,
        member_id="",
        protocol_type="consumer",
        protocols=[{"name": "range", "metadata": b""}],
    )
    conn.send("heartbeat", 3, group_id=key, generation_id=1, member_id="m")
    conn.send("sync_group", 3, group_id=key, generation_id=1, member_id="m", assignments=[])
    conn.send("leave_group", 3, group_id=key, members=[{"member_id": "m"}])
    conn.send("offset_fetch", 7, group_id=key, topics=None)
    conn.send("offset_fetch", 8, groups=[{"group_id": key, "topics": None}])
    conn.send(
        "offset_commit",
        8,
        group_id=key,
        generation_id_or_member_epoch=-1,
        member_id="",
        topics=[{"name": c.topic(), "partitions": [{"partition_index": 0, "committed_offset": 1}]}],
    )
    conn.send("describe_groups", 5, groups=[key])
    conn.send("delete_groups", 2, groups_names=[key])
    conn.send(
        "consumer_group_heartbeat",
        0,
        group_id=key,
        member_id="m",
        member_epoch=0,
        rebalance_timeout=10000,
        subscribed_topic_names=["x"],
        topic_partitions=[],
    )
    conn.send("consumer_group_describe", 0, group_ids=[key])
    node = next(n for n in sorted(c.brokers) if n != c.coordinator(txn, 1))
    conn = c.open("not the transaction coordinator", node=node)
    conn.send("init_producer_id", 4, transactional_id=txn, transaction_timeout=60000, producer_id=-1, producer_epoch=-1)
    conn.send("end_txn", 3, transactional_id=txn, producer_id=1, producer_epoch=0, committed=True)
    conn.send("describe_transactions", 0, transactional_ids=[txn])
