"""Short ways to say the requests that most cases need."""

from __future__ import annotations

from typing import Any


def produce(
    c: Any,
    topic: str,
    data: bytes | None,
    note: str = "",
    *,
    version: int = 9,
    acks: int = -1,
    timeout: int = 10000,
    partition: int = 0,
    txn: str | None = None,
    conn: Any = None,
    **how: Any,
) -> Any:
    """One batch set to one partition; v13 takes the topic's id."""
    where = {"topic_id": c.ids.get(topic, topic)} if version >= 13 else {"name": topic}
    return (conn or c.main).send(
        "produce",
        version,
        note,
        transactional_id=txn,
        acks=acks,
        timeout=timeout,
        topic_data=[{**where, "partition_data": [{"index": partition, "records": data}]}],
        **how,
    )


def fetch_body(
    c: Any,
    topic: str,
    offset: int = 0,
    *,
    version: int = 12,
    partition: int = 0,
    max_wait: int = 100,
    min_bytes: int = 0,
    max_bytes: int = 1 << 20,
    partition_bytes: int = 1 << 20,
    isolation: int = 0,
    leader_epoch: int = -1,
    last_epoch: int = -1,
    replica: int = -1,
) -> dict[str, Any]:
    part: dict[str, Any] = {"partition": partition, "fetch_offset": offset, "partition_max_bytes": partition_bytes}
    if version >= 9:
        part["current_leader_epoch"] = leader_epoch
    if version >= 12:
        part["last_fetched_epoch"] = last_epoch
    where = {"topic_id": c.ids.get(topic, topic)} if version >= 13 else {"topic": topic}
    body = {
        "max_wait": max_wait,
        "min_bytes": min_bytes,
        "max_bytes": max_bytes,
        "isolation_level": isolation,
        "topics": [{**where, "partitions": [part]}],
    }
    if version < 15:
        body["replica_id"] = replica
    elif replica >= 0:
        body["replica_state"] = {"replica_id": replica, "replica_epoch": -1}
    return body


def fetch(
    c: Any,
    topic: str,
    offset: int = 0,
    note: str = "",
    *,
    version: int = 12,
    conn: Any = None,
    send: dict[str, Any] | None = None,
    **how: Any,
) -> Any:
    options = {k: how.pop(k) for k in list(how) if k.startswith("_")}
    return (conn or c.main).send(
        "fetch", version, note, **(send or {}), **options, **fetch_body(c, topic, offset, version=version, **how)
    )


def list_offsets(
    c: Any,
    topic: str,
    timestamp: int,
    note: str = "",
    *,
    version: int = 9,
    partition: int = 0,
    isolation: int = 0,
    leader_epoch: int = -1,
    conn: Any = None,
    **how: Any,
) -> Any:
    part: dict[str, Any] = {"partition_index": partition, "timestamp": timestamp}
    if version >= 4:
        part["current_leader_epoch"] = leader_epoch
    body: dict[str, Any] = {"replica_id": -1, "topics": [{"name": topic, "partitions": [part]}]}
    if version >= 2:
        body["isolation_level"] = isolation
    if version >= 10:
        body["timeout"] = 1000
    return (conn or c.main).send("list_offsets", version, note, **body, **how)


def epoch_end(
    c: Any,
    topic: str,
    epoch: int,
    note: str = "",
    *,
    version: int = 4,
    current: int = -1,
    partition: int = 0,
    conn: Any = None,
    **how: Any,
) -> Any:
    extra = {"replica_id": -1} if version >= 3 else {}
    return (conn or c.main).send(
        "offset_for_leader_epoch",
        version,
        note,
        **extra,
        topics=[
            {
                "topic": topic,
                "partitions": [{"partition": partition, "current_leader_epoch": current, "leader_epoch": epoch}],
            }
        ],
        **how,
    )


def init_pid(
    c: Any,
    txn: str | None = None,
    note: str = "",
    *,
    version: int = 5,
    timeout: int = 60000,
    pid: int = -1,
    epoch: int = -1,
    conn: Any = None,
    quiet: bool = False,
) -> tuple[int, int]:
    body: dict[str, Any] = {"transactional_id": txn, "transaction_timeout": timeout}
    if version >= 3:
        body |= {"producer_id": pid, "producer_epoch": epoch}
    if quiet:
        for _ in range(100):
            got = (conn or c.main).quiet("init_producer_id", version, **body)
            if got["error_code"] not in (14, 15, 16, 51):
                break
            c.wait(0.05)
    else:
        got = (conn or c.main).send("init_producer_id", version, note, _retry=(14, 15, 16, 51), **body)
    c.normal.apply({"producer_id": got["producer_id"]})
    return got["producer_id"], got["producer_epoch"]


def add_partitions(
    c: Any,
    txn: str,
    pid: int,
    epoch: int,
    topic: str,
    partitions: list[int] | None = None,
    note: str = "",
    *,
    version: int = 3,
    verify: bool = False,
    conn: Any = None,
    **how: Any,
) -> Any:
    topics = [{"name": topic, "partitions": partitions or [0]}]
    if version <= 3:
        body: dict[str, Any] = {
            "v3_and_below_transactional_id": txn,
            "v3_and_below_producer_id": pid,
            "v3_and_below_producer_epoch": epoch,
            "v3_and_below_topics": topics,
        }
    else:
        body = {
            "transactions": [
                {
                    "transactional_id": txn,
                    "producer_id": pid,
                    "producer_epoch": epoch,
                    "verify_only": verify,
                    "topics": topics,
                }
            ]
        }
    return (conn or c.main).send("add_partitions_to_txn", version, note, **({"_retry": (51,)} | how), **body)


def end_txn(
    c: Any,
    txn: str,
    pid: int,
    epoch: int,
    commit: bool = True,
    note: str = "",
    *,
    version: int = 3,
    conn: Any = None,
    **how: Any,
) -> Any:
    """Then waits (no step) until the coordinator is done with it, so that what follows meets no CONCURRENT_TRANSACTIONS by chance."""
    got = (conn or c.main).send(
        "end_txn", version, note, transactional_id=txn, producer_id=pid, producer_epoch=epoch, committed=commit, **how
    )
    if not got.outcome and got["error_code"] == 0:
        for _ in range(200):
            states = (conn or c.main).quiet("describe_transactions", 0, transactional_ids=[txn])["transaction_states"]
            if not any(one["transaction_state"].startswith("Prepare") for one in states):
                break
            c.wait(0.03)
    return got


def stable(c: Any, topic: str, conn: Any = None, partition: int = 0) -> None:
    """Waits (no step) until no transaction is open on the partition: the last stable offset is the end."""
    for _ in range(100):
        ends = []
        for level in (0, 1):
            got = (conn or c.main).quiet(
                "list_offsets",
                7,
                replica_id=-1,
                isolation_level=level,
                topics=[{"name": topic, "partitions": [{"partition_index": partition, "timestamp": -1}]}],
            )
            ends.append(got["topics"][0]["partitions"][0]["offset"])
        if ends[0] == ends[1]:
            return
        c.wait(0.03)
