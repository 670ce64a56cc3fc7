"""DescribeConfigs, AlterConfigs, IncrementalAlterConfigs: resources of every kind, operations, names, groups."""

from typing import Any

from tests.conformance.cases.more_admin import incremental, replaced
from tests.conformance.suite.case import case
from tests.conformance.suite.codec import versions
from tests.conformance.suite.context import Context

TOPIC, BROKER, LOGGER, METRICS, GROUP = 2, 4, 8, 16, 32
SET, DELETE, APPEND, SUBTRACT = 0, 1, 2, 3
SHOWN = ("cleanup.policy", "retention.ms", "min.insync.replicas")


def read(c: Context, note: str, *resources: Any, version: int = 4, **how: Any) -> Any:
    """Each (type, name, keys)."""
    return c.send(
        "describe_configs", version, note, _silent=True,
        resources=[{"resource_type": k, "resource_name": n, "configuration_keys": keys} for k, n, keys in resources],
        **how,
    )  # fmt: skip


def counted(answer: Any) -> Any:
    return dict(answer, results=[dict(one, configs=len(one["configs"])) for one in answer["results"]])


def names_of(answer: Any) -> Any:
    return {
        "results": [
            {"error": one["error_code"], "names": sorted(x["name"] for x in one["configs"])}
            for one in answer["results"]
        ]
    }


@case(each={"version": versions("describe_configs")})
def describe(c: Context, version: Any) -> None:
    """Topics and brokers: some settings, with synonyms and documentation; unknown ones."""
    t = c.topic(retention_ms=1000)
    (node,) = c.brokers
    read(c, "three of a topic", (TOPIC, t, list(SHOWN)), version=version)
    read(c, "with an unknown one", (TOPIC, t, ["retention.ms", "nonsense"]), version=version)
    read(c, "one twice", (TOPIC, t, ["retention.ms", "retention.ms"]), version=version)
    read(c, "an empty list", (TOPIC, t, []), version=version, _pick=counted)
    read(
        c,
        "of a broker",
        (BROKER, str(node), ["message.max.bytes", "log.retention.hours", "num.partitions"]),
        version=version,
    )
    read(c, "unknown topic", (TOPIC, c.name("absent"), None), version=version)
    read(c, "known and unknown", (TOPIC, t, ["retention.ms"]), (TOPIC, c.name("absent"), None), version=version)
    read(c, "a resource twice", (TOPIC, t, ["retention.ms"]), (TOPIC, t, ["cleanup.policy"]), version=version)
    read(c, "nothing", version=version)
    read(c, "synonyms", (TOPIC, t, list(SHOWN)), version=version, include_synonyms=True)
    if version >= 3:
        read(
            c, "documentation", (TOPIC, t, ["retention.ms"]), version=version, include_documentation=True,
            _pick=lambda a: [bool(x["documentation"]) for one in a["results"] for x in one["configs"]],
        )  # fmt: skip


@case
def describe_all_of_a_topic(c: Context) -> None:
    """Every setting of a topic, by name and value, where it comes from, its type."""
    t = c.topic()
    read(c, "", (TOPIC, t, None), include_synonyms=True)


@case
def describe_odd_resources(c: Context) -> None:
    """Names and kinds that are not there."""
    for kind, name in (
        (TOPIC, ""), (TOPIC, "a b"), (TOPIC, "x" * 250), (BROKER, "99"), (BROKER, "x"), (BROKER, "-1"), (BROKER, "1.0"),
        (LOGGER, ""), (LOGGER, "99"), (LOGGER, "x"), (METRICS, ""), (METRICS, "nobody"), (GROUP, ""), (GROUP, "nobody"),
        (0, "x"), (1, "x"), (3, "x"), (64, "x"), (-1, "x"), (5, "x"),
    ):  # fmt: skip
        read(c, f"{kind} {name[:8]!r}", (kind, name, None))
    read(c, "the default of all brokers", (BROKER, "", None))


@case
def describe_group(c: Context) -> None:
    """Settings of a group: all, with synonyms."""
    g = c.name("g")
    read(c, "unset", (GROUP, g, None))
    read(c, "synonyms", (GROUP, g, None), include_synonyms=True)
    read(c, "some", (GROUP, g, ["consumer.session.timeout.ms", "nonsense"]))
    for version in (1, 2, 3):
        read(c, f"v{version}", (GROUP, g, ["consumer.session.timeout.ms"]), version=version)


GROUP_VALUES = (
    ("consumer.session.timeout.ms", "50000"), ("consumer.session.timeout.ms", "1"), ("consumer.session.timeout.ms", "60001"),
    ("consumer.session.timeout.ms", "45000"), ("consumer.session.timeout.ms", "44999"), ("consumer.session.timeout.ms", "x"),
    ("consumer.session.timeout.ms", ""), ("consumer.heartbeat.interval.ms", "5000"), ("consumer.heartbeat.interval.ms", "15001"),
    ("consumer.heartbeat.interval.ms", "4999"), ("consumer.heartbeat.interval.ms", "10000"),
    ("consumer.heartbeat.interval.ms", "-1"), ("share.session.timeout.ms", "45000"), ("share.session.timeout.ms", "1"),
    ("share.heartbeat.interval.ms", "5000"), ("share.heartbeat.interval.ms", "99"), ("share.record.lock.duration.ms", "30000"),
    ("share.record.lock.duration.ms", "1"), ("share.auto.offset.reset", "earliest"), ("share.auto.offset.reset", "nonsense"),
    ("share.auto.offset.reset", "by_duration:PT1H"), ("share.isolation.level", "read_committed"),
    ("share.isolation.level", "nonsense"), ("streams.session.timeout.ms", "45000"), ("streams.heartbeat.interval.ms", "5000"),
    ("streams.num.standby.replicas", "1"), ("streams.num.standby.replicas", "99"), ("nonsense", "1"), ("", "1"),
    ("share.delivery.count.limit", "5"), ("share.partition.max.record.locks", "2000"),
    ("share.renew.acknowledge.enable", "true"), ("streams.initial.rebalance.delay.ms", "3000"),
    ("consumer.assignment.interval.ms", "1000"), ("consumer.assignment.interval.ms", "-1"),
    ("consumer.assignor.offload.enable", "true"),
)  # fmt: skip


@case
def group_values(c: Context) -> None:
    """What a group's settings may be; validated only."""
    g = c.name("g")
    for name, value in GROUP_VALUES:
        incremental(c, f"{name}={value}", (GROUP, g, [(name, SET, value)]), validate=True)


@case
def group_settings(c: Context) -> None:
    """Set, read, delete, read, for a group nobody has; replaced as a whole."""
    g = c.name("g")
    keys = ["consumer.session.timeout.ms", "consumer.heartbeat.interval.ms"]
    incremental(c, "set", (GROUP, g, [("consumer.session.timeout.ms", SET, "50000")]))
    c.settled()
    read(c, "read", (GROUP, g, keys), include_synonyms=True)
    incremental(
        c,
        "both crossed",
        (GROUP, g, [("consumer.session.timeout.ms", SET, "45000"), ("consumer.heartbeat.interval.ms", SET, "15000")]),
    )
    incremental(c, "append", (GROUP, g, [("consumer.session.timeout.ms", APPEND, "5")]))
    incremental(c, "null", (GROUP, g, [("consumer.session.timeout.ms", SET, None)]))
    replaced(c, "AlterConfigs", (GROUP, g, [("consumer.heartbeat.interval.ms", "6000")]))
    c.settled()
    read(c, "read", (GROUP, g, keys), include_synonyms=True)
    incremental(c, "delete", (GROUP, g, [("consumer.heartbeat.interval.ms", DELETE, None)]))
    c.settled()
    read(c, "read", (GROUP, g, keys), include_synonyms=True)
    incremental(c, "delete what is not set", (GROUP, g, [("consumer.heartbeat.interval.ms", DELETE, None)]))
    incremental(c, "empty name", (GROUP, "", [("consumer.session.timeout.ms", SET, "50000")]))
    incremental(c, "nothing", (GROUP, g, []))


@case
def group_listed(c: Context) -> None:
    """ListConfigResources names a group with settings."""
    g = c.name("g")

    def mine(answer: Any) -> Any:
        return dict(answer, config_resources=[one for one in answer["config_resources"] if one["resource_name"] == g])

    c.send("list_config_resources", 1, "before", resource_types=[GROUP], _pick=mine)
    incremental(c, "set", (GROUP, g, [("consumer.session.timeout.ms", SET, "50000")]))
    c.settled()
    c.send("list_config_resources", 1, "after", resource_types=[GROUP], _pick=mine)
    c.send("list_config_resources", 1, "any kind", resource_types=[], _pick=mine)
    incremental(c, "delete", (GROUP, g, [("consumer.session.timeout.ms", DELETE, None)]))
    c.settled()
    c.send("list_config_resources", 1, "deleted", resource_types=[GROUP], _pick=mine)


@case(each={"version": (0, 1)})
def operations(c: Context, version: Any) -> None:
    """Set, delete, append, subtract, and what they make of lists and of what is none."""
    t = c.topic()

    def go(note: str, *configs: Any) -> None:
        incremental(c, note, (TOPIC, t, list(configs)), version=version)
        c.settled()
        read(c, "read", (TOPIC, t, list(SHOWN)))

    go("set", ("retention.ms", SET, "1000"))
    go("append to a number", ("retention.ms", APPEND, "5"))
    go("subtract from a number", ("retention.ms", SUBTRACT, "5"))
    go("append to a list", ("cleanup.policy", APPEND, "compact"))
    go("append again", ("cleanup.policy", APPEND, "compact"))
    go("subtract from a list", ("cleanup.policy", SUBTRACT, "delete"))
    go("subtract what is not in it", ("cleanup.policy", SUBTRACT, "delete"))
    go("subtract all", ("cleanup.policy", SUBTRACT, "compact"))
    go("delete", ("cleanup.policy", DELETE, None))
    go("delete with a value", ("retention.ms", DELETE, "9"))
    go("delete what is not set", ("retention.ms", DELETE, None))
    go("set to null", ("retention.ms", SET, None))
    go("append null", ("cleanup.policy", APPEND, None))
    go("operation 4", ("retention.ms", 4, "1"))
    go("operation -1", ("retention.ms", -1, "1"))
    go("one setting twice", ("retention.ms", SET, "1"), ("retention.ms", SET, "2"))
    go("one right, one wrong", ("retention.ms", SET, "7"), ("nonsense", SET, "2"))
    go("delete an unknown one", ("nonsense", DELETE, None))
    go("nothing")


@case
def incremental_odd_resources(c: Context) -> None:
    """Kinds and names that are not there; one twice; good beside bad."""
    t, absent = c.topic(), c.name("absent")
    good = [("retention.ms", SET, "1000")]
    for kind, name in (
        (TOPIC, absent), (TOPIC, ""), (TOPIC, "a b"), (BROKER, "99"), (BROKER, "x"), (LOGGER, "99"), (LOGGER, ""),
        (METRICS, ""), (0, "x"), (1, "x"), (3, "x"), (64, "x"),
    ):  # fmt: skip
        incremental(c, f"{kind} {name!r}", (kind, name, good))
    incremental(c, "twice", (TOPIC, t, good), (TOPIC, t, good))
    incremental(c, "good beside bad", (TOPIC, t, good), (TOPIC, absent, good))
    incremental(c, "none")
    for kind, name in ((TOPIC, absent), (BROKER, "99"), (64, "x")):
        incremental(c, f"nothing of {kind} {name!r}", (kind, name, []))


@case(each={"version": versions("alter_configs")})
def replace(c: Context, version: Any) -> None:
    """AlterConfigs sets all: what is not named goes."""
    t = c.topic(retention_ms=1000, cleanup_policy="compact")

    def go(note: str, *configs: Any, **how: Any) -> None:
        replaced(c, note, (TOPIC, t, list(configs)), version=version, **how)
        c.settled()
        read(c, "read", (TOPIC, t, list(SHOWN)))

    go("validated only", ("retention.ms", "5"), validate=True)
    go("one setting", ("retention.ms", "2000"))
    go("null", ("retention.ms", None))
    go("unknown", ("nonsense", "1"))
    go("a bad value", ("retention.ms", "x"))
    go("twice", ("retention.ms", "1"), ("retention.ms", "2"))
    go("nothing: all go")
    absent = c.name("absent")
    replaced(c, "unknown topic", (TOPIC, absent, []), version=version)
    replaced(c, "empty name", (TOPIC, "", []), version=version)
    for kind, name in ((BROKER, "99"), (BROKER, "x"), (LOGGER, ""), (0, "x"), (64, "x")):
        replaced(c, f"{kind} {name!r}", (kind, name, [("retention.ms", "1")]), version=version)
    replaced(c, "none", version=version)


@case
def replace_one_twice(c: Context) -> None:
    """A resource twice in one AlterConfigs."""
    t = c.topic()
    replaced(c, "", (TOPIC, t, []), (TOPIC, t, []))


@case
def broker_settings(c: Context) -> None:
    """Settings of brokers: those that may change, those that may not, unknown ones; of all brokers."""
    (node,) = c.brokers
    for name, value in (
        ("log.retention.ms", "1000"), ("message.max.bytes", "2000000"), ("message.max.bytes", "-1"), ("node.id", "7"),
        ("listeners", "PLAINTEXT://x:1"), ("log.dirs", "/x"), ("num.partitions", "3"), ("nonsense", "1"),
        ("background.threads", "4"), ("background.threads", "1000"), ("num.io.threads", "0"), ("min.insync.replicas", "1"),
        ("unclean.leader.election.enable", "true"), ("log.cleaner.threads", "1"), ("max.connections", "100"),
        ("compression.type", "nonsense"), ("group.initial.rebalance.delay.ms", "5"), ("log.segment.bytes", "1048576"),
        ("auto.create.topics.enable", "false"), ("log.cleanup.policy", "compact"), ("metric.reporters", ""),
        ("log.retention.hours", "5"), ("log.flush.interval.messages", "1"), ("max.connections.per.ip", "5"),
        ("broker.rack", "x"), ("transaction.state.log.min.isr", "1"), ("producer.id.expiration.ms", "1000"),
    ):  # fmt: skip
        for broker in (str(node), ""):
            incremental(
                c,
                f"{name}={value} of {'one' if broker else 'all'}",
                (BROKER, broker, [(name, SET, value)]),
                validate=True,
            )


@case
def loggers(c: Context) -> None:
    """Levels of loggers, validated only."""
    (node,) = c.brokers
    for name, how, value in (
        ("kafka.server.KafkaApis", SET, "NONSENSE"), ("no.such.logger", SET, "INFO"), ("root", DELETE, None),
        ("kafka.server.KafkaApis", APPEND, "INFO"),
    ):  # fmt: skip
        incremental(c, f"{name} {how} {value}", (LOGGER, str(node), [(name, how, value)]), validate=True)


@case
def client_metrics(c: Context) -> None:
    """Subscriptions of client metrics: set, read, list."""
    s = c.name("subscription")

    def mine(answer: Any) -> Any:
        return dict(answer, config_resources=[one for one in answer["config_resources"] if one["resource_name"] == s])

    for name, value in (
        ("metrics", "org.apache."),
        ("interval.ms", "99"),
        ("interval.ms", "1000"),
        ("match", "client_id=x"),
        ("match", "x"),
        ("nonsense", "1"),
    ):
        incremental(c, f"{name}={value}", (METRICS, s, [(name, SET, value)]), validate=True)
    incremental(c, "set", (METRICS, s, [("interval.ms", SET, "1000")]))
    c.settled()
    read(c, "read", (METRICS, s, None))
    c.send("list_config_resources", 0, "listed", _pick=mine)
    c.send("list_config_resources", 1, "listed by kind", resource_types=[METRICS], _pick=mine)
    incremental(c, "delete", (METRICS, s, [("interval.ms", DELETE, None)]))
    c.settled()
    c.send("list_config_resources", 0, "deleted", _pick=mine)
