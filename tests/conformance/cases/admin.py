"""Topics, configurations, reassignments, quotas, SCRAM users, log dirs, features."""

from typing import Any

from tests.conformance.suite.case import case
from tests.conformance.suite.codec import versions
from tests.conformance.suite.context import Context

TOPIC, BROKER, LOGGER, METRICS, GROUP = 2, 4, 8, 16, 32


def new(name: Any, partitions: Any = 1, replicas: Any = 1, assignments: Any = (), configs: Any = ()) -> Any:
    return {
        "name": name,
        "num_partitions": partitions,
        "replication_factor": replicas,
        "assignments": [{"partition_index": i, "broker_ids": list(b)} for i, b in assignments],
        "configs": [{"name": k, "value": v} for k, v in configs],
    }


def create(
    c: Context,
    *topics: Any,
    note: Any = "",
    version: Any = 7,
    validate: Any = False,
    timeout: Any = 5000,
    conn: Any = None,
) -> Any:
    return (conn or c.main).send(
        "create_topics",
        version,
        note,
        topics=list(topics),
        timeout=timeout,
        validate_only=validate,
        _pick=lambda a: dict(
            a, topics=[dict(t, configs=chosen(t.get("configs"))) if "configs" in t else t for t in a["topics"]]
        ),
    )


def chosen(
    configs: Any, names: Any = ("cleanup.policy", "retention.ms", "min.insync.replicas", "compression.type")
) -> Any:
    return None if configs is None else [x for x in configs if x["name"] in names]


def exists(c: Context, name: Any, note: Any = "does it exist?") -> None:
    c.settled()
    c.send(
        "metadata",
        12,
        note,
        topics=[{"name": name}],
        allow_auto_topic_creation=False,
        _pick=lambda a: {
            "topics": [{"error_code": t["error_code"], "partitions": len(t["partitions"])} for t in a["topics"]]
        },
    )


@case(each={"version": versions("create_topics")})
def create_good(c: Context, version: Any) -> None:
    """Good, again, two at once, with configs, defaults (-1, v4+)."""
    t, u = c.name("t"), c.name("u")
    create(c, new(t, 2, configs=[("retention.ms", "1000000")]), version=version)
    c.settled()
    create(c, new(t), version=version, note="again")
    create(c, new(u), new(c.name("v")), version=version, note="two")
    create(c, new(c.name("w"), -1, -1), version=version, note="defaults")
    create(c, version=version, note="none")


@case(each={"version": (2, 7)})
def create_timeout(c: Context, version: Any) -> None:
    """Timeouts 0 and -1."""
    for timeout in (0, -1):
        t = c.name(f"t{timeout}")
        create(c, new(t), version=version, timeout=timeout, note=f"timeout {timeout}")
        exists(c, t)


@case(each={"version": versions("create_partitions")})
def create_partitions(c: Context, version: Any) -> None:
    """Up, same, down, unknown, with an assignment, validate only."""
    t = c.topic(partitions=2)
    node = min(c.brokers)

    def go(note: Any, *topics: Any, validate: Any = False) -> Any:
        c.send(
            "create_partitions",
            version,
            note,
            topics=[
                {"name": n, "count": k, "assignments": None if a is None else [{"broker_ids": b} for b in a]}
                for n, k, a in topics
            ],
            timeout=5000,
            validate_only=validate,
        )

    go("same", (t, 2, None))
    go("down", (t, 1, None))
    go("0", (t, 0, None))
    go("-1", (t, -1, None))
    go("validate only", (t, 5, None), validate=True)
    exists(c, t)
    go("up", (t, 3, None))
    c.ready(t, 3)
    go("with an assignment", (t, 4, [[node]]))
    go("too short an assignment", (t, 9, [[node]]))
    go("an empty assignment", (t, 9, []))
    go("an unknown broker", (t, 5, [[99]]))
    go("unknown topic", (c.name("absent"), 3, None))
    go("twice in one request", (t, 6, None), (t, 7, None))
    go("empty name", ("", 3, None))


@case(each={"version": versions("describe_log_dirs")})
def describe_log_dirs(c: Context, version: Any) -> Any:
    """Sizes of partitions, unknown topics, all."""
    t = c.topic(partitions=2)
    c.put(t, b"a" * 100)

    def mine(answer: Any) -> Any:
        return dict(
            answer, results=[dict(r, topics=[x for x in r["topics"] if x["name"] == t]) for r in answer["results"]]
        )

    c.send("describe_log_dirs", version, "one partition", topics=[{"topic": t, "partitions": [0]}])
    c.send("describe_log_dirs", version, "partition 9", topics=[{"topic": t, "partitions": [9]}])
    c.send("describe_log_dirs", version, "unknown topic", topics=[{"topic": c.name("absent"), "partitions": [0]}])
    c.send("describe_log_dirs", version, "all", topics=None, _pick=mine)
    c.send("describe_log_dirs", version, "empty list", topics=[])


@case(each={"version": versions("alter_replica_log_dirs")})
def alter_replica_log_dirs(c: Context, version: Any) -> None:
    """To a directory that is not there; a topic that is not there."""
    t = c.topic()
    for name in (t, c.name("absent")):
        c.send(
            "alter_replica_log_dirs",
            version,
            dirs=[{"path": "/no/such/dir", "topics": [{"name": name, "partitions": [0]}]}],
        )
    c.send(
        "alter_replica_log_dirs",
        version,
        "relative path",
        dirs=[{"path": "here", "topics": [{"name": t, "partitions": [0]}]}],
    )


@case(each={"version": versions("alter_partition_reassignments")})
def reassign_one_broker(c: Context, version: Any) -> None:
    """On one broker: the same replicas, an unknown broker, twice, empty, cancel; unknown topic."""
    t = c.topic()
    node = min(c.brokers)

    def go(note: Any, replicas: Any, name: Any = t, partition: Any = 0) -> Any:
        c.send(
            "alter_partition_reassignments",
            version,
            note,
            timeout=5000,
            topics=[{"name": name, "partitions": [{"partition_index": partition, "replicas": replicas}]}],
        )

    go("the same", [node])
    go("an unknown broker", [99])
    go("a broker twice", [node, node])
    go("a broker and an unknown one", [node, 99])
    go("nobody", [])
    go("negative", [-1])
    go("cancel, nothing under way", None)
    go("partition 7", [node], partition=7)
    go("unknown topic", [node], name=c.name("absent"))
    c.send("alter_partition_reassignments", version, "none", timeout=5000, topics=[])


@case
def list_reassignments(c: Context) -> None:
    """Nothing under way; unknown topic and partition."""
    t = c.topic()
    c.send("list_partition_reassignments", 0, timeout=5000, topics=[{"name": t, "partition_indexes": [0]}])
    c.send("list_partition_reassignments", 0, timeout=5000, topics=[{"name": t, "partition_indexes": [9]}])
    c.send(
        "list_partition_reassignments", 0, timeout=5000, topics=[{"name": c.name("absent"), "partition_indexes": [0]}]
    )
    c.send("list_partition_reassignments", 0, "all", timeout=5000, topics=None)


@case(brokers=3)
def reassign_three(c: Context) -> None:
    """Another replica set; more and fewer replicas; v1 may forbid a change of their number."""
    a, b, d = sorted(c.brokers)
    t = c.topic(assignment=[[a, b]], min_insync_replicas=1)

    def go(note: Any, version: Any, replicas: Any, **more: Any) -> Any:
        c.send(
            "alter_partition_reassignments",
            version,
            note,
            timeout=5000,
            topics=[{"name": t, "partitions": [{"partition_index": 0, "replicas": replicas}]}],
            **more,
        )

    def settled(note: Any) -> Any:
        c.send(
            "metadata",
            12,
            note,
            topics=[{"name": t}],
            allow_auto_topic_creation=False,
            _hide=("controller_id", "brokers"),
            _until=lambda x: (
                len(x["topics"][0]["partitions"][0]["replica_nodes"])
                == len(x["topics"][0]["partitions"][0]["isr_nodes"])
                == len(want)
                and x["topics"][0]["partitions"][0]["replica_nodes"] == want
            ),
        )

    want = [a, d]
    go("to 1 and 3", 0, want)
    settled("settled")
    want = [a, b, d]
    go("v1 forbids another number", 1, want, allow_replication_factor_change=False)
    go("v1 allows it", 1, want, allow_replication_factor_change=True)
    settled("settled")
    c.send(
        "list_partition_reassignments",
        0,
        timeout=5000,
        topics=None,
        _pick=lambda x: {k: v for k, v in x.items() if k != "topics"},
    )
    c.send(
        "elect_leaders",
        2,
        "the leader is the preferred one",
        election_type=0,
        topic_partitions=[{"topic": t, "partitions": [0]}],
        timeout=5000,
    )
    c.send(
        "elect_leaders",
        2,
        "unclean: not needed",
        election_type=1,
        topic_partitions=[{"topic": t, "partitions": [0]}],
        timeout=5000,
    )


@case
def scram_users(c: Context) -> None:
    """AlterUserScramCredentials and DescribeUserScramCredentials."""
    user = c.name("user")

    def up(note: Any, **change: Any) -> Any:
        one = {"name": user, "mechanism": 1, "iterations": 4096, "salt": b"salt", "salted_password": b"p" * 32} | change
        c.send("alter_user_scram_credentials", 0, note, deletions=[], upsertions=[one])

    def down(note: Any, name: Any = user, mechanism: Any = 1) -> Any:
        c.send(
            "alter_user_scram_credentials", 0, note, deletions=[{"name": name, "mechanism": mechanism}], upsertions=[]
        )

    def read(note: Any, *names: Any, **how: Any) -> Any:
        c.send("describe_user_scram_credentials", 0, note, users=[{"name": n} for n in names], **how)

    read("unknown", user)
    up("SCRAM-SHA-256")
    read("known", user, _until=lambda a: a["results"][0]["error_code"] == 0)
    up("SCRAM-SHA-512", mechanism=2, salted_password=b"p" * 64)
    up("unknown mechanism", mechanism=9)
    up("mechanism 0", mechanism=0)
    up("4095 iterations", iterations=4095)
    up("16385 iterations", iterations=16385)
    up("empty name", name="")
    read("twice", user, user)
    read("empty name", "")
    c.send(
        "alter_user_scram_credentials",
        0,
        "deleted and upserted in one",
        deletions=[{"name": user, "mechanism": 1}],
        upsertions=[{"name": user, "mechanism": 1, "iterations": 4096, "salt": b"s", "salted_password": b"p" * 32}],
    )
    down("delete")
    down("delete again")
    down("unknown mechanism", mechanism=9)
    down("SHA-512", mechanism=2)
    down("unknown user", name=c.name("nobody"))
    c.send("alter_user_scram_credentials", 0, "nothing", deletions=[], upsertions=[])


@case
def update_features(c: Context) -> None:
    """Unknown feature, too high a level, validate only, nothing."""

    def go(note: Any, version: Any, *updates: Any, validate: Any = False, **kind: Any) -> Any:
        body = {
            "timeout": 5000,
            "feature_updates": [{"feature": f, "max_version_level": level, **kind} for f, level in updates],
        }
        if version >= 1:
            body["validate_only"] = validate
        c.send("update_features", version, note, **body)

    for version in (0, 1, 2):
        go("unknown feature", version, ("nonsense", 1))
        go("too high", version, ("metadata.version", 999))
        go("nothing", version)
        go("level 0 of the metadata version", version, ("metadata.version", 0))
    go("bad type", 1, ("metadata.version", 20), upgrade_type=9)
    go("group.version 1 (as it is), validate only", 1, ("group.version", 1), validate=True, upgrade_type=1)


@case
def list_config_resources(c: Context) -> None:
    """v0 lists client metrics; v1 any kind."""
    t = c.topic()
    c.send("list_config_resources", 0)
    for kinds in ([], [TOPIC], [BROKER], [METRICS], [GROUP], [LOGGER], [3], [0]):
        c.send(
            "list_config_resources",
            1,
            f"{kinds}",
            resource_types=kinds,
            _pick=lambda a: dict(
                a,
                config_resources=[
                    r
                    for r in a["config_resources"]
                    if r["resource_name"] in (t, str(min(c.brokers)))
                    and not (r["resource_name"] == "1" and r["resource_type"] not in (4, 8))
                ],
            ),
        )
