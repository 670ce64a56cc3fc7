"""Producer ids and transactions: the versions before (V1) and after (V2) KIP-890."""

from typing import Any

from tests.conformance.cases.groups import commit, fetch_offsets
from tests.conformance.suite.case import case
from tests.conformance.suite.codec import versions
from tests.conformance.suite.context import Context
from tests.conformance.suite.records import TXN
from tests.conformance.suite.shapes import add_partitions, end_txn, fetch, init_pid, produce, stable


def write(
    c: Context,
    t: Any,
    x: Any,
    pid: Any,
    epoch: Any,
    seq: Any,
    value: Any = b"v",
    note: Any = "",
    version: Any = 9,
    **how: Any,
) -> Any:
    return produce(
        c, t, c.batch(value, pid=pid, epoch=epoch, seq=seq, attributes=TXN), note, txn=x, version=version, **how
    )


def describe(c: Context, *names: Any, note: Any = "") -> Any:
    return c.send(
        "describe_transactions",
        0,
        note,
        transactional_ids=list(names),
        _until=lambda a: not any(s["transaction_state"].startswith("Prepare") for s in a["transaction_states"]),
    )


def offsets(
    c: Context,
    x: Any,
    g: Any,
    t: Any,
    pid: Any,
    epoch: Any,
    offset: Any,
    note: Any = "",
    *,
    version: Any = 3,
    generation: Any = -1,
    member: Any = "",
    instance: Any = None,
    partition: Any = 0,
    topic: Any = None,
    **how: Any,
) -> Any:
    body = {
        "transactional_id": x,
        "group_id": g,
        "producer_id": pid,
        "producer_epoch": epoch,
        "topics": [
            {
                "name": topic or t,
                "partitions": [{"partition_index": partition, "committed_offset": offset, "committed_metadata": ""}],
            }
        ],
    }
    if version >= 3:
        body |= {"generation_id": generation, "member_id": member, "group_instance_id": instance}
    return c.send("txn_offset_commit", version, note, **body, **how)


@case(each={"version": range(6)})
def init_plain(c: Context, version: Any) -> None:
    """Without a transactional id: a new producer id each time, epoch 0."""
    a = init_pid(c, None, "first", version=version)
    b = init_pid(c, None, "second", version=version)
    c.steps.append({"request": "init_producer_id", "note": "another id each time", "answer": {"different": a != b}})
    init_pid(c, None, "timeout 0", version=version, timeout=0)
    init_pid(c, None, "timeout -1", version=version, timeout=-1)
    if version >= 3:
        init_pid(c, None, "with its own id and epoch", version=version, pid=a[0], epoch=a[1])
        init_pid(c, None, "with an id nobody got", version=version, pid=987654321, epoch=0)
        init_pid(c, None, "with an id and no epoch", version=version, pid=a[0], epoch=-1)
        init_pid(c, None, "with an epoch and no id", version=version, pid=-1, epoch=3)


@case(each={"version": (3, 4, 5)})
def init_with_epoch(c: Context, version: Any) -> None:
    """v3+: a producer that knows its id and epoch bumps it; with stale or wrong values it is fenced."""
    x = c.name("txn")
    pid, epoch = init_pid(c, x, version=version)
    init_pid(c, x, "its own id and epoch", version=version, pid=pid, epoch=epoch)
    init_pid(c, x, "the epoch before (a retry)", version=version, pid=pid, epoch=epoch)
    init_pid(c, x, "no id (a new instance)", version=version)
    init_pid(c, x, "the first epoch", version=version, pid=pid, epoch=epoch)
    init_pid(c, x, "an epoch from the future", version=version, pid=pid, epoch=100)
    init_pid(c, x, "another producer id", version=version, pid=987654321, epoch=0)
    init_pid(c, x, "an id and no epoch", version=version, pid=pid, epoch=-1)
    init_pid(c, x, "no id and an epoch", version=version, pid=-1, epoch=1)
    init_pid(c, c.name("fresh"), "a new transactional id with an id and epoch", version=version, pid=987654321, epoch=5)


@case(each={"version": (12, 13)})
def produce_v2(c: Context, version: Any) -> None:
    """V2: producing adds the partition by itself; ending bumps the epoch, which EndTxn v5 tells."""
    x, t = c.name("txn"), c.topic()
    pid, epoch = init_pid(c, x, quiet=True)
    write(c, t, x, pid, epoch, 0, b"a", version=version)
    describe(c, x)
    got = end_txn(c, x, pid, epoch, True, "commit", version=5)
    stable(c, t)
    new = got["producer_epoch"]
    write(c, t, x, pid, epoch, 1, b"late", note="with the old epoch", version=version)
    write(c, t, x, pid, new, 1, b"wrong", note="new epoch, the sequence goes on", version=version, _retry=(51,))
    write(c, t, x, pid, new, 0, b"b", note="new epoch, sequence 0", version=version, _retry=(51,))
    end_txn(c, x, pid, epoch, True, "commit with the old epoch", version=5)
    got = end_txn(c, x, pid, new, False, "abort", version=5)
    stable(c, t)
    end_txn(c, x, pid, new, False, "abort again (a retry)", version=5, _retry=(51,))
    end_txn(c, x, pid, new, True, "commit what was aborted", version=5, _retry=(51,))
    end_txn(c, x, pid, got["producer_epoch"], True, "commit with nothing in it", version=5, _retry=(51,))
    end_txn(c, x, pid, got["producer_epoch"], False, "abort with nothing in it", version=5, _retry=(51,))
    fetch(c, t, isolation=1)
    describe(c, x)


@case
def produce_v2_errors(c: Context) -> None:
    """V2: wrong epoch, wrong producer id, unknown transactional id, one topic unknown."""
    x, t = c.name("txn"), c.topic()
    pid, epoch = init_pid(c, x, quiet=True)
    write(c, t, x, pid, epoch + 1, 0, note="epoch + 1", version=12)
    write(c, t, x, 987654321, 0, 0, note="another producer id", version=12)
    write(c, t, c.name("unknown"), pid, epoch, 0, note="unknown transactional id", version=12)
    write(c, t, x, pid, epoch, 3, note="first sequence 3", version=12)
    write(c, c.name("absent"), x, pid, epoch, 0, note="unknown topic", version=12)
    write(c, t, x, pid, epoch, 0, note="sequence 0", version=12)
    describe(c, x)
    end_txn(c, x, pid, epoch, False, version=5)


@case
def mixed_versions(c: Context) -> None:
    """A V2 producer's transaction ended by EndTxn v3 (V1), and a V1 transaction ended by v5."""
    x, t = c.name("txn"), c.topic()
    pid, epoch = init_pid(c, x, quiet=True)
    write(c, t, x, pid, epoch, 0, version=12)
    end_txn(c, x, pid, epoch, True, "v3 after produce v12", version=3)
    stable(c, t)
    write(c, t, x, pid, epoch, 1, note="the epoch did not change", version=12, _retry=(51,))
    end_txn(c, x, pid, epoch, True, "v5", version=5)
    stable(c, t)
    y = c.name("other")
    pid, epoch = init_pid(c, y, quiet=True)
    add_partitions(c, y, pid, epoch, t)
    write(c, t, y, pid, epoch, 0, version=11)
    end_txn(c, y, pid, epoch, True, "v5 after produce v11", version=5)
    stable(c, t)
    add_partitions(c, y, pid, epoch, t, note="the old epoch")
    add_partitions(c, y, pid, epoch + 1, t, note="the new epoch")
    c.quiet("end_txn", 3, transactional_id=y, producer_id=pid, producer_epoch=epoch + 1, committed=False)


@case(each={"version": versions("add_offsets_to_txn")})
def add_offsets(c: Context, version: Any) -> None:
    """AddOffsetsToTxn: good, wrong epoch, wrong producer id, unknown id, empty group."""
    x, g = c.name("txn"), c.name("g")
    pid, epoch = init_pid(c, x, quiet=True)

    def go(note: str, x: Any = x, pid: Any = pid, epoch: Any = epoch, g: Any = g) -> None:
        c.send(
            "add_offsets_to_txn",
            version,
            note,
            transactional_id=x,
            producer_id=pid,
            producer_epoch=epoch,
            group_id=g,
            _retry=(51,),
        )

    go("unknown id", x=c.name("unknown"))
    go("wrong producer id", pid=987654321)
    go("epoch + 1", epoch=epoch + 1)
    go("empty group id", g="")
    go("good")
    describe(c, x)
    end_txn(c, x, pid, epoch, False)


@case(each={"version": versions("txn_offset_commit")})
def txn_offset_commit(c: Context, version: Any) -> None:
    """Offsets in a transaction are invisible (and unstable) until it is committed."""
    x, g, t = c.name("txn"), c.name("g"), c.topic()
    pid, epoch = init_pid(c, x, quiet=True)
    commit(c, g, t, 1, "before")
    offsets(c, x, g, t, pid, epoch, 9, "before AddOffsetsToTxn", version=version)
    c.send("add_offsets_to_txn", 3, transactional_id=x, producer_id=pid, producer_epoch=epoch, group_id=g, _retry=(51,))
    offsets(c, x, g, t, pid, epoch, 5, "good", version=version)
    fetch_offsets(c, g, t, "while open")
    fetch_offsets(c, g, t, "while open, stable only", stable=True)
    fetch_offsets(c, g, None, "all, stable only", stable=True)
    c.send(
        "offset_delete",
        0,
        "delete while open",
        group_id=g,
        topics=[{"name": t, "partitions": [{"partition_index": 0}]}],
    )
    c.send("delete_groups", 2, "delete the group while open", groups_names=[g])
    end_txn(c, x, pid, epoch, True)
    fetch_offsets(c, g, t, "committed", stable=True, _retry=(88,))


@case
def txn_offsets_aborted(c: Context) -> None:
    """Aborted offsets are forgotten; a plain commit meanwhile stays."""
    x, g, t = c.name("txn"), c.name("g"), c.topic()
    pid, epoch = init_pid(c, x, quiet=True)
    c.send("add_offsets_to_txn", 3, transactional_id=x, producer_id=pid, producer_epoch=epoch, group_id=g, _retry=(51,))
    offsets(c, x, g, t, pid, epoch, 5)
    fetch_offsets(c, g, t, "while open")
    commit(c, g, t, 2, "a plain commit meanwhile")
    fetch_offsets(c, g, t, "while open")
    end_txn(c, x, pid, epoch, False)
    fetch_offsets(c, g, t, "aborted", stable=True, _retry=(88,))


@case
def txn_offset_commit_v5_adds_itself(c: Context) -> None:
    """v5 (V2) needs no AddOffsetsToTxn."""
    x, g, t = c.name("txn"), c.name("g"), c.topic()
    pid, epoch = init_pid(c, x, quiet=True)
    offsets(c, x, g, t, pid, epoch, 5, version=5)
    describe(c, x)
    end_txn(c, x, pid, epoch, True, version=5)
    fetch_offsets(c, g, t, stable=True, _retry=(88,))


@case(each={"version": versions("list_transactions")})
def list_transactions(c: Context, version: Any) -> Any:
    """Filters: states, producer ids, duration (v1), pattern (v2)."""
    x, y, t = c.name("txn-empty"), c.name("txn-open"), c.topic()
    init_pid(c, x)
    pid, epoch = init_pid(c, y)
    add_partitions(c, y, pid, epoch, t)

    def mine(answer: Any) -> Any:
        return dict(
            answer,
            transaction_states=[s for s in answer["transaction_states"] or [] if s["transactional_id"] in (x, y)],
        )

    def go(note: Any, **body: Any) -> Any:
        c.send("list_transactions", version, note, _pick=mine, **body)

    go("all")
    go("Ongoing", state_filters=["Ongoing"])
    go("Empty", state_filters=["Empty"])
    go("unknown state", state_filters=["Nonsense", "Ongoing"])
    go("lower case", state_filters=["ongoing"])
    go("producer id", producer_id_filters=[pid])
    go("unknown producer id", producer_id_filters=[987654321])
    if version >= 1:
        go("running for an hour", duration_filter=3600000)
        go("running for 0 ms", duration_filter=0)
    if version >= 2:
        go("pattern", transactional_id_pattern="txn-open.*")
        go("pattern that is not the whole", transactional_id_pattern="open")
        go("empty pattern", transactional_id_pattern="")
        go("bad pattern", transactional_id_pattern="(")
    end_txn(c, y, pid, epoch, False)


@case
def timeout(c: Context) -> None:
    """transaction.timeout 1 s: the coordinator looks every 10 s; it aborts and raises the epoch."""
    x, t = c.name("txn"), c.topic()
    pid, epoch = init_pid(c, x, timeout=1000)
    add_partitions(c, x, pid, epoch, t)
    write(c, t, x, pid, epoch, 0)
    for _ in range(14):
        c.wait(1)
        got = c.quiet(
            "list_offsets",
            7,
            replica_id=-1,
            isolation_level=1,
            topics=[{"name": t, "partitions": [{"partition_index": 0, "timestamp": -1}]}],
        )
        if got["topics"][0]["partitions"][0]["offset"] == 2:
            break
    describe(c, x)
    fetch(c, t, isolation=1)
    write(c, t, x, pid, epoch, 1, note="the old epoch")
    end_txn(c, x, pid, epoch, True, "the old epoch")
    add_partitions(c, x, pid, epoch, t, note="the old epoch")
    init_pid(c, x, "its id and epoch", pid=pid, epoch=epoch)
    init_pid(c, x, "without")


@case(each={"version": (3, 5)})
def aborted_for_a_successor(c: Context, version: Any) -> None:
    """Who had the id ends what was aborted for its successor before that asks again: by V2 (v5) that is a retry, and it goes on."""
    x, t = c.name("txn"), c.topic()
    pid, epoch = init_pid(c, x, quiet=True)
    add_partitions(c, x, pid, epoch, t)
    wanted = {"transactional_id": x, "transaction_timeout": 60000, "producer_id": -1, "producer_epoch": -1}
    c.send("init_producer_id", 5, "a successor", **wanted)
    describe(c, x, note="aborted for it")
    end_txn(c, x, pid, epoch, True, "the first one commits", version=version)
    end_txn(c, x, pid, epoch, False, "the first one aborts", version=version)
    add_partitions(c, x, pid, epoch + 1, t, note="the first one goes on")
    pid, epoch = init_pid(c, x, "the successor asks again")
    add_partitions(c, x, pid, epoch, t, note="the successor")
    end_txn(c, x, pid, epoch, True, "the successor", version=version)
    init_pid(c, x, "another one that was told to wait asks again")
    add_partitions(c, x, pid, epoch + (version == 5), t, note="the successor")
