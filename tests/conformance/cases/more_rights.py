"""What `alice` is answered with each right and without it: every API that looks at rights, on the secure cluster.

Rights are given one after the other by the super user, so that a case shows each error on the way, and the answer at its end.
"""

from collections.abc import Callable
from typing import Any

from tests.conformance.cases.security import login
from tests.conformance.suite import records
from tests.conformance.suite.case import case
from tests.conformance.suite.context import Context
from tests.conformance.suite.shapes import fetch_body, init_pid

TOPIC, GROUP, CLUSTER, TXN = 2, 3, 4, 5
ALL, READ, WRITE, CREATE, DELETE, ALTER, DESCRIBE, CLUSTER_ACTION = 2, 3, 4, 5, 6, 7, 8, 9
DESCRIBE_CONFIGS, ALTER_CONFIGS, IDEMPOTENT_WRITE = 10, 11, 12
DENY, ALLOW = 2, 3
LITERAL, PREFIXED = 3, 4
KAFKA_CLUSTER = "kafka-cluster"
LOADING = (14, 15, 16)

Right = tuple[int, int, str]
"""Kind, operation, name."""


def rule(
    right: Right, *, pattern: int = LITERAL, permission: int = ALLOW, principal: str = "User:alice", host: str = "*"
) -> Any:
    kind, operation, name = right
    return {
        "resource_type": kind, "resource_name": name, "resource_pattern_type": pattern, "principal": principal, "host": host,
        "operation": operation, "permission_type": permission,
    }  # fmt: skip


def grant(c: Context, *rules: Any) -> None:
    """Create rules, and wait until the broker decides by them (no step)."""
    c.quiet("create_acls", 3, creations=list(rules))
    for one in rules:
        for _ in range(200):
            if listed(c, one):
                break
            c.wait(0.02)


def listed(c: Context, one: Any) -> bool:
    got = c.quiet(
        "describe_acls", 3, resource_type_filter=one["resource_type"], resource_name_filter=one["resource_name"],
        pattern_type_filter=one["resource_pattern_type"], principal_filter=one["principal"], host_filter=one["host"],
        operation=one["operation"], permission_type=one["permission_type"],
    )  # fmt: skip
    return bool(got["resources"])


def revoke(c: Context, *rules: Any) -> None:
    """Delete rules, and wait until nothing is decided by them any more (no step)."""
    filters = [
        {
            "resource_type_filter": one["resource_type"], "resource_name_filter": one["resource_name"],
            "pattern_type_filter": one["resource_pattern_type"], "principal_filter": one["principal"],
            "host_filter": one["host"], "operation": one["operation"], "permission_type": one["permission_type"],
        }
        for one in rules
    ]  # fmt: skip
    c.quiet("delete_acls", 3, filters=filters)
    for one in rules:
        for _ in range(200):
            if not listed(c, one):
                break
            c.wait(0.02)


def climbed(c: Context, ask: Callable[[Any, str], Any], *rights: Right) -> None:
    """Ask without any right, then with one more each time; a refused connection is opened anew."""
    ask(login(c), "no rights")
    given = []
    for number, right in enumerate(rights, start=1):
        given.append(rule(right))
        grant(c, given[-1])
        ask(login(c), f"{number} of {len(rights)} rights")
    revoke(c, *given)


def on_cluster(operation: int) -> Right:
    return CLUSTER, operation, KAFKA_CLUSTER


def data(c: Context, **how: Any) -> Any:
    return records.batch([b"v"], ts=c.t0, **how)


@case(secure=True)
def produce(c: Context) -> None:
    """To a topic that there is, to one that there is not, and to both in one request."""
    t, u, absent = c.topic("t"), c.topic("u"), c.name("absent")

    def ask(conn: Any, note: str) -> None:
        for names in ((t,), (absent,), (t, u)):
            parts = [{"name": name, "partition_data": [{"index": 0, "records": data(c)}]} for name in names]
            conn.send(
                "produce",
                9,
                f"{note}, {len(names)} topics",
                transactional_id=None,
                acks=-1,
                timeout=5000,
                topic_data=parts,
            )

    climbed(c, ask, (TOPIC, DESCRIBE, t), (TOPIC, WRITE, t), (TOPIC, WRITE, absent))


@case(secure=True)
def produce_in_transaction(c: Context) -> None:
    """The transactional id is looked at first, and not for records that are in no transaction."""
    t, x = c.topic(), c.name("x")
    pid, epoch = init_pid(c, x, quiet=True)

    def ask(conn: Any, note: str) -> None:
        for label, one in (
            ("in a transaction", data(c, pid=pid, epoch=epoch, seq=0, attributes=0x10)),
            ("plain", data(c)),
        ):
            parts = [{"name": t, "partition_data": [{"index": 0, "records": one}]}]
            conn.send("produce", 9, f"{note}, {label}", transactional_id=x, acks=-1, timeout=5000, topic_data=parts)

    climbed(c, ask, (TOPIC, WRITE, t), (TXN, WRITE, x))


@case(secure=True)
def fetch(c: Context) -> None:
    """A topic that there is and one that there is not; by id; as a follower."""
    t, absent = c.topic(), c.name("absent")

    def ask(conn: Any, note: str) -> None:
        for name in (t, absent):
            conn.send("fetch", 12, note, **fetch_body(c, name))
        conn.send("fetch", 13, f"{note}, by id", **fetch_body(c, t, version=13))

    climbed(c, ask, (TOPIC, DESCRIBE, t), (TOPIC, READ, t), (TOPIC, READ, absent))


@case(secure=True)
def places(c: Context) -> None:
    """ListOffsets, OffsetForLeaderEpoch, DescribeProducers, DeleteRecords."""
    t, absent = c.topic(), c.name("absent")

    def ask(conn: Any, note: str) -> None:
        for name in (t, absent):
            conn.send("list_offsets", 7, note, replica_id=-1, isolation_level=0,
                      topics=[{"name": name, "partitions": [{"partition_index": 0, "timestamp": -1}]}])  # fmt: skip
            conn.send("offset_for_leader_epoch", 4, note, replica_id=-1,
                      topics=[{"topic": name, "partitions": [{"partition": 0, "current_leader_epoch": -1, "leader_epoch": 0}]}])  # fmt: skip
            conn.send("describe_producers", 0, note, topics=[{"name": name, "partition_indexes": [0]}])
            conn.send("delete_records", 2, note, timeout=1000,
                      topics=[{"name": name, "partitions": [{"partition_index": 0, "offset": 0}]}])  # fmt: skip

    climbed(c, ask, (TOPIC, DESCRIBE, t), (TOPIC, READ, t), (TOPIC, DELETE, t), (TOPIC, DELETE, absent))


@case(secure=True)
def metadata(c: Context) -> None:
    """By name, by id, with what may be done, and with leave to create what is missing."""
    t, absent = c.topic(), c.name("absent")

    def ask(conn: Any, note: str) -> None:
        hide = ("brokers",)
        conn.send("metadata", 12, note, topics=[{"name": t}, {"name": absent}], allow_auto_topic_creation=False,
                  include_topic_authorized_operations=True, _hide=hide)  # fmt: skip
        conn.send("metadata", 12, f"{note}, by id", topics=[{"topic_id": c.ids[t], "name": None}],
                  allow_auto_topic_creation=False, include_topic_authorized_operations=True, _hide=hide)  # fmt: skip
        conn.send(
            "metadata",
            9,
            f"{note}, may be created",
            topics=[{"name": absent}],
            allow_auto_topic_creation=True,
            _hide=hide,
        )
        conn.send(
            "describe_topic_partitions", 0, note, topics=[{"name": t}, {"name": absent}], response_partition_limit=10
        )
        conn.send("describe_topic_partitions", 0, f"{note}, a cursor", topics=[{"name": t}, {"name": absent}],
                  response_partition_limit=10, cursor={"topic_name": t, "partition_index": 0})  # fmt: skip

    climbed(c, ask, (TOPIC, DESCRIBE_CONFIGS, t), (TOPIC, READ, t), (TOPIC, DESCRIBE, absent))


@case(secure=True)
def metadata_of_all(c: Context) -> None:
    """Who asks for all topics hears of those that may be described, and of no other."""
    mine, theirs = c.topic("mine"), c.topic("theirs")

    def ask(conn: Any, note: str) -> None:
        seen = lambda answer: sorted(one["name"] for one in answer["topics"] if one["name"] in {mine, theirs})  # noqa: E731
        conn.send("metadata", 9, note, topics=None, _pick=seen)
        conn.send("describe_topic_partitions", 0, note, topics=[], response_partition_limit=2000, _pick=seen)

    climbed(c, ask, (TOPIC, DESCRIBE, mine))


@case(secure=True)
def cluster_operations(c: Context) -> None:
    """What may be done to the cluster, where Metadata and DescribeCluster tell it."""

    def ask(conn: Any, note: str) -> None:
        conn.send("metadata", 9, note, topics=[], include_cluster_authorized_operations=True, _hide=("brokers",))
        conn.send("describe_cluster", 1, note, include_cluster_authorized_operations=True, _hide=("brokers",))

    climbed(c, ask, on_cluster(ALTER_CONFIGS), on_cluster(ALTER))


@case(secure=True)
def topics_come_and_go(c: Context) -> None:
    """CreateTopics, CreatePartitions, DeleteTopics: by the topic, by the cluster."""
    t, fresh, absent = c.topic(), c.name("fresh"), c.name("absent")

    def ask(conn: Any, note: str) -> None:
        shown = lambda a: {**a, "topics": [{**one, "configs": len(one["configs"] or ())} for one in a["topics"]]}  # noqa: E731
        wanted = [
            {"name": name, "num_partitions": 1, "replication_factor": 1, "assignments": [], "configs": []}
            for name in (fresh, t)
        ]
        conn.send("create_topics", 7, note, timeout=5000, validate_only=True, topics=wanted, _pick=shown)
        wanted = [{"name": name, "count": 2, "assignments": None} for name in (t, absent)]
        conn.send("create_partitions", 3, note, timeout=5000, validate_only=True, topics=wanted)
        conn.send("delete_topics", 6, f"{note}, what there is not", timeout=5000,
                  topics=[{"name": absent, "topic_id": "00000000-0000-0000-0000-000000000000"}])  # fmt: skip

    climbed(c, ask, (TOPIC, CREATE, fresh), (TOPIC, DESCRIBE_CONFIGS, fresh), (TOPIC, ALTER, t), (TOPIC, DESCRIBE, absent),
            (TOPIC, DELETE, absent), on_cluster(CREATE))  # fmt: skip


@case(secure=True)
def deleted_topics(c: Context) -> None:
    """By name and by id, each with none of the rights, with that to describe, and with that to delete."""
    t = c.topic()

    def ask(conn: Any, note: str) -> None:
        named = {"name": t, "topic_id": "00000000-0000-0000-0000-000000000000"}
        conn.send("delete_topics", 6, f"{note}, by id", timeout=5000, topics=[{"name": None, "topic_id": c.ids[t]}])
        conn.send("delete_topics", 6, f"{note}, by name", timeout=5000, topics=[named])

    climbed(c, ask, (TOPIC, DESCRIBE, t), (TOPIC, DELETE, t))


@case(secure=True)
def settings(c: Context) -> None:
    """DescribeConfigs, IncrementalAlterConfigs, AlterConfigs: of a topic, a group, the broker, client metrics."""
    t, g = c.topic(), c.name("g")
    (node,) = c.brokers

    def ask(conn: Any, note: str) -> None:
        kinds = (
            (2, t, "retention.ms"),
            (4, str(node), "log.cleaner.threads"),
            (32, g, "consumer.session.timeout.ms"),
            (16, "m", "interval.ms"),
        )
        conn.send("describe_configs", 4, note, _pick=lambda a: [[one["error_code"], bool(one["error_message"]), len(one["configs"]) > 0] for one in a["results"]],
                  resources=[{"resource_type": kind, "resource_name": name, "configuration_keys": None} for kind, name, _ in kinds])  # fmt: skip
        values = {
            "retention.ms": "100000",
            "log.cleaner.threads": "1",
            "consumer.session.timeout.ms": "50000",
            "interval.ms": "60000",
        }
        changed = [
            {
                "resource_type": kind,
                "resource_name": name,
                "configs": [{"name": key, "config_operation": 0, "value": values[key]}],
            }
            for kind, name, key in kinds
        ]
        conn.send("incremental_alter_configs", 1, note, resources=changed, validate_only=True)
        conn.send("incremental_alter_configs", 1, f"{note}, a logger", validate_only=True, resources=[
            {"resource_type": 8, "resource_name": str(node), "configs": []}])  # fmt: skip
        conn.send("alter_configs", 2, note, validate_only=True,
                  resources=[{"resource_type": 2, "resource_name": t, "configs": []}])  # fmt: skip
        conn.send("list_config_resources", 1, note, resource_types=[16])

    climbed(c, ask, (TOPIC, DESCRIBE_CONFIGS, t), (TOPIC, ALTER_CONFIGS, t), (GROUP, ALTER_CONFIGS, g), on_cluster(DESCRIBE_CONFIGS),
            on_cluster(ALTER_CONFIGS))  # fmt: skip


@case(secure=True)
def operators(c: Context) -> None:
    """What needs the cluster: elections, reassignments, features, quorum, log directories, brokers."""
    t = c.topic()

    def ask(conn: Any, note: str) -> None:
        conn.send(
            "elect_leaders", 2, note, election_type=0, timeout=5000, topic_partitions=[{"topic": t, "partitions": [0]}]
        )
        conn.send("alter_partition_reassignments", 0, note, timeout=5000, topics=[])
        conn.send("list_partition_reassignments", 0, note, timeout=5000, topics=None)
        conn.send("update_features", 1, note, timeout=5000, feature_updates=[], validate_only=True)
        conn.send("describe_quorum", 1, note, topics=[{"topic_name": "__cluster_metadata", "partitions": [{"partition_index": 0}]}],
                  _pick=lambda a: [a["error_code"], bool(a.get("error_message")), len(a["topics"])])  # fmt: skip
        conn.send("describe_log_dirs", 4, note, topics=None, _pick=lambda a: [a["error_code"], len(a["results"])])
        conn.send(
            "alter_replica_log_dirs", 2, note, dirs=[{"path": "/none", "topics": [{"name": t, "partitions": [0]}]}]
        )
        conn.send("unregister_broker", 0, note, broker_id=99)
        conn.send("describe_client_quotas", 1, note, components=[], strict=False)
        conn.send("describe_user_scram_credentials", 0, note, users=[{"name": "nobody"}])

    climbed(c, ask, on_cluster(DESCRIBE), on_cluster(ALTER))


@case(secure=True)
def rules(c: Context) -> None:
    """The three APIs of ACLs themselves."""
    t = c.topic()
    about = (TOPIC, READ, t)

    def ask(conn: Any, note: str) -> None:
        conn.send("describe_acls", 3, note, resource_type_filter=TOPIC, resource_name_filter=t, pattern_type_filter=3,
                  principal_filter=None, host_filter=None, operation=1, permission_type=1)  # fmt: skip
        conn.send("create_acls", 3, note, creations=[rule(about, principal="User:bob"), rule((TOPIC, READ, ""))])
        conn.send("delete_acls", 3, note, filters=[
            {"resource_type_filter": TOPIC, "resource_name_filter": t, "pattern_type_filter": 1, "principal_filter": "User:carol",
             "host_filter": None, "operation": 1, "permission_type": 1}])  # fmt: skip

    climbed(c, ask, on_cluster(DESCRIBE), on_cluster(ALTER))
    c.quiet("delete_acls", 3, filters=[{"resource_type_filter": TOPIC, "resource_name_filter": t, "pattern_type_filter": 1,
            "principal_filter": None, "host_filter": None, "operation": 1, "permission_type": 1}])  # fmt: skip


@case(secure=True)
def rules_found(c: Context) -> None:
    """What filters find, what is deleted twice in one request, what is there already."""
    beginning = c.name("t")
    t = f"{beginning}-eu"
    every = {"resource_type_filter": TOPIC, "resource_name_filter": None, "pattern_type_filter": 1, "principal_filter": "User:alice",
             "host_filter": None, "operation": 1, "permission_type": 1}  # fmt: skip
    made = [rule((TOPIC, READ, t)), rule((TOPIC, WRITE, t)), rule((TOPIC, READ, beginning), pattern=PREFIXED),
            rule((TOPIC, READ, t), permission=DENY, host="10.0.0.1"), rule((TOPIC, READ, t), principal="User:bob")]  # fmt: skip
    c.send("create_acls", 3, "five", creations=made)
    c.send("create_acls", 3, "once more, and one twice", creations=[made[0], made[0]])
    grant(c, *made)
    for note, change in (
        ("all of alice's", {}),
        ("match", {"resource_name_filter": t, "pattern_type_filter": 2}),
        ("literal", {"resource_name_filter": t, "pattern_type_filter": LITERAL}),
        ("prefixed", {"pattern_type_filter": PREFIXED}),
        ("any, by name", {"resource_name_filter": t, "pattern_type_filter": 1}),
        ("denials", {"permission_type": DENY}),
        ("of a host", {"host_filter": "10.0.0.1"}),
        ("to write", {"operation": WRITE}),
        ("of bob", {"principal_filter": "User:bob"}),
        ("of nobody", {"principal_filter": "User:nobody"}),
    ):
        c.send("describe_acls", 3, note, **(every | change))
    c.send("delete_acls", 3, "two filters for one", filters=[
        every | {"operation": WRITE}, every | {"resource_name_filter": t, "pattern_type_filter": 2, "permission_type": ALLOW}])  # fmt: skip
    c.send("delete_acls", 3, "all of alice's", filters=[every])
    c.send("delete_acls", 3, "and of bob", filters=[every | {"principal_filter": "User:bob"}])


@case(secure=True)
def precedence(c: Context) -> None:
    """Deny before allow; a prefix beside a literal name; everybody; another host."""
    t = c.topic("orders-eu")

    def ask(note: str) -> None:
        conn = login(c)
        conn.send("list_offsets", 7, note, replica_id=-1, isolation_level=0,
                  topics=[{"name": t, "partitions": [{"partition_index": 0, "timestamp": -1}]}])  # fmt: skip
        conn.send("fetch", 12, note, **fetch_body(c, t))

    steps = (
        ("prefix", rule((TOPIC, READ, "orders-"), pattern=PREFIXED)),
        ("denied to read by its name", rule((TOPIC, READ, t), permission=DENY)),
        ("denied to describe by its name", rule((TOPIC, DESCRIBE, t), permission=DENY)),
    )
    ask("nothing")
    for note, one in steps:
        grant(c, one)
        ask(note)
    revoke(c, *[one for _, one in steps])
    for note, one in (
        ("from another host", rule((TOPIC, READ, t), host="10.0.0.1")),
        ("a prefix of another name", rule((TOPIC, READ, f"{t}x"), pattern=PREFIXED)),
        ("a literal name that is a beginning", rule((TOPIC, READ, "orders-"))),
        ("everybody", rule((TOPIC, READ, t), principal="User:*")),
        ("all operations", rule((TOPIC, ALL, t))),
        ("all topics", rule((TOPIC, READ, "*"))),
        ("a star as a prefix", rule((TOPIC, READ, "*"), pattern=PREFIXED)),
    ):
        grant(c, one)
        ask(note)
        revoke(c, one)


@case(secure=True)
def producer_ids(c: Context) -> None:
    """Without a transactional id: to write to the cluster idempotently, or to any topic; with one: to write by it."""
    x = c.name("x")
    init_pid(c, x, quiet=True)

    def ask(conn: Any, note: str) -> None:
        for one in (None, x):
            conn.send("init_producer_id", 5, note, _retry=(14, 15, 16, 51), transactional_id=one, transaction_timeout=60000,
                      producer_id=-1, producer_epoch=-1)  # fmt: skip

    for right in (
        on_cluster(IDEMPOTENT_WRITE),
        (TOPIC, WRITE, c.name("some")),
        (TOPIC, READ, c.name("some")),
        (TXN, DESCRIBE, x),
        (TXN, WRITE, x),
    ):
        grant(c, rule(right))
        ask(login(c), f"kind {right[0]}, operation {right[1]}")
        revoke(c, rule(right))
    some = c.name("some")
    for note, denial in (("denied one of two", rule((TOPIC, WRITE, some), permission=DENY)),
                         ("denied by a prefix", rule((TOPIC, WRITE, some[:3]), pattern=PREFIXED, permission=DENY)),
                         ("denied all", rule((TOPIC, WRITE, "*"), permission=DENY))):  # fmt: skip
        allowed = [rule((TOPIC, WRITE, some))]
        grant(c, *allowed, denial)
        ask(login(c), note)
        revoke(c, *allowed, denial)


@case(secure=True)
def transactions(c: Context) -> None:
    """What a producer asks of coordinators."""
    t, g, x = c.topic(), c.name("g"), c.name("x")
    pid, epoch = init_pid(c, x, quiet=True)
    who = {"transactional_id": x, "producer_id": pid, "producer_epoch": epoch}

    def ask(conn: Any, note: str) -> None:
        for key_type, key in ((1, x), (0, g)):
            conn.send("find_coordinator", 4, note, key_type=key_type, coordinator_keys=[key])
        conn.send("find_coordinator", 3, f"{note}, one key", key_type=1, key=x)
        conn.send("add_partitions_to_txn", 3, note, _retry=(51,), v3_and_below_transactional_id=x, v3_and_below_producer_id=pid,
                  v3_and_below_producer_epoch=epoch, v3_and_below_topics=[{"name": t, "partitions": [0]}])  # fmt: skip
        conn.send("add_partitions_to_txn", 3, f"{note}, an internal topic", _retry=(51,), v3_and_below_transactional_id=x,
                  v3_and_below_producer_id=pid, v3_and_below_producer_epoch=epoch,
                  v3_and_below_topics=[{"name": t, "partitions": [0]}, {"name": "__consumer_offsets", "partitions": [0]}])  # fmt: skip
        conn.send("add_offsets_to_txn", 3, note, _retry=(51,), **who, group_id=g)
        conn.send("txn_offset_commit", 3, note, _retry=LOADING, **who, group_id=g, generation_id=-1, member_id="", group_instance_id=None,
                  topics=[{"name": t, "partitions": [{"partition_index": 0, "committed_offset": 1, "committed_leader_epoch": -1,
                                                      "committed_metadata": ""}]}])  # fmt: skip
        conn.send("describe_transactions", 0, note, transactional_ids=[x],
                  _pick=lambda a: [[one["error_code"], len(one["topics"])] for one in a["transaction_states"]])  # fmt: skip
        conn.send("list_transactions", 0, note, state_filters=[], producer_id_filters=[pid],
                  _pick=lambda a: [a["error_code"], len(a["transaction_states"])])  # fmt: skip
        conn.send("add_partitions_to_txn", 4, f"{note}, as a broker", transactions=[
            {"transactional_id": x, "producer_id": pid, "producer_epoch": epoch, "verify_only": True,
             "topics": [{"name": t, "partitions": [0]}]}])  # fmt: skip
        conn.send("write_txn_markers", 1, note, markers=[
            {"producer_id": 987654, "producer_epoch": 0, "transaction_result": False, "coordinator_epoch": 0,
             "topics": [{"name": c.name("absent"), "partition_indexes": [0]}]}])  # fmt: skip

    climbed(
        c,
        ask,
        (TXN, DESCRIBE, x),
        (TXN, WRITE, x),
        (TOPIC, WRITE, t),
        (GROUP, READ, g),
        (TOPIC, READ, t),
        on_cluster(CLUSTER_ACTION),
    )
    login(c).send("end_txn", 3, "end, no rights", **who, committed=False)
    grant(c, rule((TXN, WRITE, x)))
    login(c).send("end_txn", 3, "end", **who, committed=False)
    revoke(c, rule((TXN, WRITE, x)))


@case(secure=True)
def groups(c: Context) -> None:
    """What a member of a classic group asks, and what is asked of groups."""
    t, g, other = c.topic(), c.name("g"), c.name("other")
    offsets = [
        {
            "name": t,
            "partitions": [
                {"partition_index": 0, "committed_offset": 1, "committed_leader_epoch": -1, "committed_metadata": ""}
            ],
        }
    ]
    c.coordinator(g)
    for group in (g, other):
        c.send("offset_commit", 8, "a position", _retry=LOADING, group_id=group, generation_id_or_member_epoch=-1, member_id="",
               group_instance_id=None, topics=offsets)  # fmt: skip

    def ask(conn: Any, note: str) -> None:
        conn.send(
            "offset_commit",
            8,
            note,
            group_id=g,
            generation_id_or_member_epoch=-1,
            member_id="",
            group_instance_id=None,
            topics=offsets,
        )
        conn.send("offset_fetch", 8, note, groups=[{"group_id": g, "topics": [{"name": t, "partition_indexes": [0]}]}, {"group_id": other, "topics": None}],
                  require_stable=False)  # fmt: skip
        conn.send("offset_fetch", 8, f"{note}, all", groups=[{"group_id": g, "topics": None}], require_stable=False)
        conn.send("join_group", 5, note, group_id=g, session_timeout=6000, rebalance_timeout=6000, member_id="nobody", group_instance_id=None,
                  protocol_type="consumer", protocols=[{"name": "range", "metadata": b""}])  # fmt: skip
        conn.send("sync_group", 5, note, group_id=g, generation_id=1, member_id="m", group_instance_id=None, protocol_type="consumer",
                  protocol_name="range", assignments=[])  # fmt: skip
        conn.send("sync_group", 5, f"{note}, no protocol", group_id=g, generation_id=1, member_id="m", group_instance_id=None,
                  protocol_type=None, protocol_name=None, assignments=[])  # fmt: skip
        conn.send("heartbeat", 4, note, group_id=g, generation_id=1, member_id="m", group_instance_id=None)
        conn.send("leave_group", 4, note, group_id=g, members=[{"member_id": "m", "group_instance_id": None}])
        conn.send("describe_groups", 5, note, groups=[g, other], include_authorized_operations=True)
        conn.send("list_groups", 4, note, states_filter=[],
                  _pick=lambda a: [a["error_code"], sorted(one["group_id"] == g for one in a["groups"] if one["group_id"] in {g, other})])  # fmt: skip

    climbed(
        c,
        ask,
        (GROUP, DESCRIBE, g),
        (GROUP, READ, g),
        (TOPIC, DESCRIBE, t),
        (TOPIC, READ, t),
        (GROUP, DELETE, g),
        on_cluster(DESCRIBE),
    )


@case(secure=True)
def groups_go(c: Context) -> None:
    """OffsetDelete and DeleteGroups."""
    t, g, other = c.topic(), c.name("g"), c.name("other")
    offsets = [
        {
            "name": t,
            "partitions": [
                {"partition_index": 0, "committed_offset": 1, "committed_leader_epoch": -1, "committed_metadata": ""}
            ],
        }
    ]
    c.coordinator(g)
    for group in (g, other):
        c.send("offset_commit", 8, "a position", _retry=LOADING, group_id=group, generation_id_or_member_epoch=-1, member_id="",
               group_instance_id=None, topics=offsets)  # fmt: skip

    def ask(conn: Any, note: str) -> None:
        conn.send("offset_delete", 0, note, group_id=g, topics=[{"name": t, "partitions": [{"partition_index": 0}]},
                                                               {"name": c.name("absent"), "partitions": [{"partition_index": 0}]}])  # fmt: skip
        conn.send("delete_groups", 2, note, groups_names=[other, g] if note.startswith("3") else [other])

    climbed(c, ask, (GROUP, READ, g), (GROUP, DELETE, g), (TOPIC, READ, t))


@case(secure=True)
def modern_groups(c: Context) -> None:
    """Members by the consumer protocol: the group, and every topic that they want to read."""
    t, u, g = c.topic("t"), c.topic("u"), c.name("g")
    c.coordinator(g)
    beat = {
        "group_id": g,
        "member_id": "AAAAAAAAAAAAAAAAAAAAAA",
        "instance_id": None,
        "rack_id": None,
        "rebalance_timeout": 5000,
        "server_assignor": None,
    }

    def ask(conn: Any, note: str) -> None:
        for names in ([t], [t, u]):
            conn.send("consumer_group_heartbeat", 0, f"{note}, {len(names)} topics", _retry=LOADING, **beat, member_epoch=0, subscribed_topic_names=names, topic_partitions=[],
                      _pick=lambda a: [a["error_code"], bool(a["error_message"]), a["member_epoch"] > 0])  # fmt: skip
        conn.send("consumer_group_describe", 0, note, group_ids=[g], include_authorized_operations=True,
                  _pick=lambda a: [[one["error_code"], bool(one["error_message"]), len(one["members"]), one["authorized_operations"]] for one in a["groups"]])  # fmt: skip

    climbed(c, ask, (GROUP, READ, g), (TOPIC, DESCRIBE, t), (TOPIC, DESCRIBE, u))
    c.quiet("consumer_group_heartbeat", 0, **beat, member_epoch=0, subscribed_topic_names=[t], topic_partitions=[])
    ask(login(c), "alone again")
    for right in ((GROUP, DESCRIBE, g), (TOPIC, DESCRIBE, t)):
        grant(c, rule(right))
        ask(login(c), "a member is there")
    revoke(c, rule((GROUP, DESCRIBE, g)), rule((TOPIC, DESCRIBE, t)))


@case(secure=True)
def regular_expression(c: Context) -> None:
    """A member that reads by a regular expression is assigned those topics of it that it may describe."""
    t, u, g = c.topic("t"), c.topic("u"), c.name("g")
    c.coordinator(g)
    given = [rule((GROUP, READ, g)), rule((TOPIC, DESCRIBE, t))]
    grant(c, *given)
    conn = login(c)
    beat: dict[str, Any] = {"group_id": g, "instance_id": None, "rack_id": None, "rebalance_timeout": 5000, "server_assignor": None,
            "subscribed_topic_names": None, "topic_partitions": []}  # fmt: skip
    regex = f"{t}|{u}"
    member = "AAAAAAAAAAAAAAAAAAAAAQ"
    joined = conn.send("consumer_group_heartbeat", 1, "joins", _retry=LOADING, **beat, member_id=member, member_epoch=0, subscribed_topic_regex=regex,
                       _pick=lambda a: [a["error_code"], bool(a["error_message"])])  # fmt: skip
    seen = lambda a: [a["error_code"], len((a["assignment"] or {"topic_partitions": []})["topic_partitions"])]  # noqa: E731
    conn.send("consumer_group_heartbeat", 1, "again", **beat, member_id=member, member_epoch=joined["member_epoch"], subscribed_topic_regex=regex,
              _until=lambda a: bool(a["assignment"] and a["assignment"]["topic_partitions"]), _pick=seen)  # fmt: skip
    revoke(c, *given)
