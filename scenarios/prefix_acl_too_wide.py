"""An intern is to write to test topics, and is granted `orders*`, which is the beginning of `orders` as well.

A prefixed pattern (KIP-290) is about every name that begins so, those that nobody thinks of and those that do not exist yet. The intern's program
is meant for `orders-test` and left at its example's topic, `orders`. It writes lines of text. Every right is in order, every broker
acknowledges, and billing cannot read.

With `orders-test*` in its place the same program is refused at `orders`, and its intern is told. So it is before the grant as well.
"""

from producer import Schema, SchemaType
from sim import (
    Application,
    Authentication,
    AuthorizerSettings,
    ClusterConfig,
    Deserializing,
    Listener,
    Phase,
    RegistryConfig,
    Scenario,
    SecurityProtocol,
    TopicConfig,
    User,
    Version,
    Workload,
    after,
    at,
    parse_acl,
    sent,
)

SHOP, INTERN = User("shop", "the-shop-s-own"), User("intern", "the-intern-s-own")
ORDER = Schema(
    SchemaType.AVRO,
    """{"type": "record", "name": "Order", "fields": [{"name": "id", "type": "long"}, {"name": "amount", "type": "double"}]}""",
)


def _known_as(user: User) -> dict[str, str]:
    return {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "PLAIN",
        "sasl.username": user.name,
    }


SCENARIO = Scenario(
    name="prefix_acl_too_wide",
    question="An intern may write to topics that begin with orders, for there is orders-test: can billing read its orders?",
    cluster=ClusterConfig(
        topics=(TopicConfig("orders"), TopicConfig("orders-test")),
        # Readers and the registry come by the first listener, without a name; applications by the other, and say who they are.
        listeners=(Listener(), Listener("CLIENTS", SecurityProtocol.SASL_PLAINTEXT, 9094, mechanisms=("PLAIN",))),
        authentication=Authentication(users=(SHOP, INTERN)),
        authorizer=AuthorizerSettings(
            super_users=("User:ANONYMOUS",), acls=(parse_acl("User:shop WRITE topic orders"),)
        ),
    ),
    registry=RegistryConfig(),
    applications=(
        Application(
            name="shop",
            producer=_known_as(SHOP) | {"value.serializer": "avro", "schema.registry.url": "http://registry-1:8081"},
            versions=(Version(schema=ORDER, values=({"id": 1, "amount": 9.5}, {"id": 2, "amount": 20.0})),),
            workload=Workload(records=20, phases=(Phase(every_us=50_000),)),
        ),
        Application(
            name="intern",
            producer=_known_as(INTERN),
            starts_after_us=None,
            workload=Workload(records=3, phases=(Phase(every_us=20_000),)),
        ),
    ),
    readers=(at(0).read("orders", name="billing"),),
    deserializing=(Deserializing(reader="billing", versions=(ORDER,)),),
    schedule=(
        after(sent(5, by="shop")).grant("User:intern", "WRITE", "topic", "orders*"),
        after(sent(10, by="shop")).start("intern"),
    ),
    expects=frozenset({"unread", "unreadable"}),
    notes="Try --fault 'after RecordSent#5 client=shop: deny User:intern WRITE topic orders', as in deny_before_allow.",
)
