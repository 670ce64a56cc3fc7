"""AlterClientQuotas, DescribeClientQuotas: entities of every kind, limits that cannot be, filters, what comes twice; and a client that exceeds one."""

from typing import Any

from tests.conformance.suite.case import case
from tests.conformance.suite.codec import versions
from tests.conformance.suite.context import Context

EXACT, DEFAULT, SPECIFIED = 0, 1, 2
RATE, FETCHED, TIME, MUTATIONS = (
    "producer_byte_rate",
    "consumer_byte_rate",
    "request_percentage",
    "controller_mutation_rate",
)
CONNECTIONS = "connection_creation_rate"

Parts = tuple[tuple[str, str | None], ...]


def user(name: str | None) -> tuple[str, str | None]:
    return "user", name


def client_id(name: str | None) -> tuple[str, str | None]:
    return "client-id", name


def entry(parts: Parts, *limits: tuple[str, float | None]) -> Any:
    """Set limits; None removes one."""
    return {
        "entity": [{"entity_type": kind, "entity_name": name} for kind, name in parts],
        "ops": [{"key": key, "value": value or 0.0, "remove": value is None} for key, value in limits],
    }


def in_order(answer: Any) -> Any:
    """Maps have none in Java."""
    entries = answer["entries"]
    if entries is None:
        return answer
    told = [
        dict(
            one,
            entity=sorted(one["entity"], key=lambda part: str(part["entity_type"])),
            **({"values": sorted(one["values"], key=lambda value: str(value["key"]))} if "values" in one else {}),
        )
        for one in entries
    ]
    return dict(answer, entries=sorted(told, key=str))


def alter(c: Context, note: str, *entries: Any, version: int = 1, validate: bool = False) -> None:
    c.send("alter_client_quotas", version, note, _pick=in_order, entries=list(entries), validate_only=validate)
    c.settled()


def describe(
    c: Context, note: str, *components: tuple[str, int, str | None], strict: bool = False, version: int = 1
) -> None:
    wanted = [{"entity_type": kind, "match_type": how, "match": match} for kind, how, match in components]
    c.send("describe_client_quotas", version, note, _pick=in_order, components=wanted, strict=strict)


@case(each={"version": versions("alter_client_quotas")})
def set_changed_removed(c: Context, version: Any) -> None:
    """A client id's limits: set, changed, set to the same, removed, removed again."""
    name = c.name("client")
    who = (client_id(name),)
    alter(c, "two", entry(who, (RATE, 1024.0), (TIME, 12.5)), version=version)
    describe(c, "both are there", ("client-id", EXACT, name), version=version)
    alter(c, "one changes, one goes", entry(who, (RATE, 2048.0), (TIME, None)), version=version)
    describe(c, "one is left", ("client-id", EXACT, name), version=version)
    alter(c, "the same again", entry(who, (RATE, 2048.0)), version=version)
    alter(c, "only asked", entry(who, (RATE, 1.0)), version=version, validate=True)
    describe(c, "nothing changed", ("client-id", EXACT, name), version=version)
    alter(c, "the last goes", entry(who, (RATE, None)), version=version)
    alter(c, "and again", entry(who, (RATE, None)), version=version)
    describe(c, "nothing is left", ("client-id", EXACT, name), version=version)


@case
def entities(c: Context) -> None:
    """A user, a client, both, with defaults; filters by name, by default, by kind, strict and not."""
    one, other = c.name("user"), c.name("client")
    both = (user(one), client_id(other))
    each: tuple[Parts, ...] = ((user(one),), both, (user(one), client_id(None)), (client_id(other),))
    alter(c, "four at once", *[entry(who, (RATE, 1000.0 + number)) for number, who in enumerate(each)])
    describe(c, "the user", ("user", EXACT, one))
    describe(c, "the user alone", ("user", EXACT, one), strict=True)
    describe(c, "the user with any client", ("user", EXACT, one), ("client-id", SPECIFIED, None))
    describe(c, "the user with every client", ("user", EXACT, one), ("client-id", DEFAULT, None))
    describe(c, "both", ("user", EXACT, one), ("client-id", EXACT, other), strict=True)
    describe(c, "the client", ("client-id", EXACT, other))
    describe(c, "the client alone", ("client-id", EXACT, other), strict=True)
    describe(c, "nobody", ("user", EXACT, "nobody at all"))
    alter(c, "gone", *[entry(who, (RATE, None)) for who in each])


@case
def refused(c: Context) -> None:
    """Entities and limits that cannot be, one after the other."""
    name = c.name("client")
    who = (client_id(name),)
    alter(c, "nobody", entry((), (RATE, 1.0)))
    alter(c, "a kind that there is not", entry((("topic", "orders"),), (RATE, 1.0)))
    alter(c, "an empty name", entry((user(""),), (RATE, 1.0)))
    alter(c, "an address and a user", entry((("ip", "10.0.0.1"), user("x")), (RATE, 1.0)))
    alter(c, "a limit of clients for an address", entry((("ip", "10.0.0.1"),), (RATE, 1.0)))
    alter(c, "a limit of addresses for a client", entry(who, (CONNECTIONS, 1.0)))
    alter(c, "a limit that there is not", entry(who, ("byte_rate", 1.0)))
    alter(c, "zero", entry(who, (RATE, 0.0)))
    alter(c, "less", entry(who, (FETCHED, -1.0)))
    alter(c, "half a byte", entry(who, (RATE, 1.5)))
    alter(c, "half a percent", entry(who, (TIME, 0.5)))
    alter(c, "too much", entry(who, (RATE, 1e30)))
    alter(c, "one of two", entry(who, (FETCHED, 5.0), (RATE, 0.5)))
    describe(c, "half a percent is there", ("client-id", EXACT, name))
    alter(c, "gone", entry(who, (TIME, None)))


@case
def twice(c: Context) -> None:
    """An entity twice, a limit twice, nothing at all."""
    one, other = c.name("one"), c.name("other")
    alter(c, "an entity twice", entry((user(one),), (RATE, 1.0)), entry((user(one),), (RATE, 2.0)))
    describe(c, "the first counts", ("user", EXACT, one))
    alter(c, "a limit twice", entry((user(other),), (RATE, 1.0), (RATE, 2.0)))
    describe(c, "neither counts", ("user", EXACT, other))
    alter(c, "a part twice", entry((user(one), user(other)), (RATE, 7.0)))
    describe(c, "the later name counts", ("user", EXACT, other))
    alter(c, "nothing is asked for")
    alter(c, "nothing is changed", entry((user(other),)))
    alter(c, "gone", entry((user(one),), (RATE, None)), entry((user(other),), (RATE, None)))


@case
def filters_refused(c: Context) -> None:
    """Filters that say nothing, too much, or what there is not."""
    describe(c, "an empty kind", ("", EXACT, "x"))
    describe(c, "a kind that there is not", ("topic", EXACT, "x"))
    describe(c, "by name, and none", ("user", EXACT, None))
    describe(c, "the default, and a name", ("user", DEFAULT, "x"))
    describe(c, "any, and a name", ("user", SPECIFIED, "x"))
    describe(c, "a way that there is not", ("user", 3, None))
    describe(c, "a kind twice", ("user", EXACT, "x"), ("user", SPECIFIED, None))
    describe(c, "an address and a user", ("ip", EXACT, "10.0.0.1"), ("user", EXACT, "x"))


@case
def addresses(c: Context) -> None:
    """A limit of connections for one address."""
    alter(c, "an address", entry((("ip", "10.1.2.3"),), (CONNECTIONS, 10.0)))
    describe(c, "it is there", ("ip", EXACT, "10.1.2.3"))
    alter(c, "half a connection", entry((("ip", "10.1.2.3"),), (CONNECTIONS, 0.5)))
    alter(c, "more than there can be", entry((("ip", "10.1.2.3"),), (CONNECTIONS, 3e9)))
    alter(c, "gone", entry((("ip", "10.1.2.3"),), (CONNECTIONS, None)))


@case
def creating_too_much(c: Context) -> None:
    """Two topics of 13 partitions at one a second: a version that is refused, and one that waits."""
    named = c.open(client_id=c.name("creator"))
    who = (client_id(c.name("creator")),)
    alter(c, "one a second", entry(who, (MUTATIONS, 1.0)))
    for version in (7, 5):
        topics = [
            {
                "name": c.name(f"{word}{version}"),
                "num_partitions": 13,
                "replication_factor": 1,
                "assignments": [],
                "configs": [],
            }
            for word in ("a", "b")
        ]
        named.send(
            "create_topics", version, f"version {version}", topics=topics, timeout=5000, validate_only=False,
            _pick=lambda answer: {
                "waits": answer["throttle_time"] != 0,
                "topics": [{"error": one["error_code"]} for one in answer["topics"]],
            },
        )  # fmt: skip
        c.wait(16)
    alter(c, "gone", entry(who, (MUTATIONS, None)))
