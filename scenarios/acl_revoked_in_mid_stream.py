"""A shop's right to write is taken away while it writes, and given back: what was acknowledged stays, and what comes in between is refused and told.

Brokers decide by the rules that they have heard of, request by request: a connection that is open, and a producer id that was given, are no rights.
The controller writes the rule down, and each broker applies it a few milliseconds later. TOPIC_AUTHORIZATION_FAILED is no
error that may pass, so the producer does not try again: each record of the time between fails at once, and the application is told. Whoever
wants them written has to send them again itself.

A broker that cannot reach the controller has not heard, and goes on taking records: with `--fault 'after RecordAcknowledged#9: cut controller <-> b1'` beside
it the revocation takes nothing from whoever writes to b1, until the controller holds b1 for dead. Kafka's StandardAuthorizer; KIP-801.
"""

from sim import (
    SECOND_US,
    Application,
    Authentication,
    AuthorizerSettings,
    ClusterConfig,
    Listener,
    Phase,
    Scenario,
    SecurityProtocol,
    TopicConfig,
    User,
    Workload,
    acknowledged,
    after,
    parse_acl,
)

SHOP = User("shop", "the-shop-s-own")

SCENARIO = Scenario(
    name="acl_revoked_in_mid_stream",
    question="A shop's right to write is revoked while it writes, and granted again a second later: is anything lost that it was told is written?",
    cluster=ClusterConfig(
        topics=(TopicConfig("orders"),),
        # Readers come by the first listener, without a name; applications by the other, and say who they are.
        listeners=(
            Listener(),
            Listener("CLIENTS", SecurityProtocol.SASL_PLAINTEXT, 9094, mechanisms=("PLAIN",)),
        ),
        authentication=Authentication(users=(SHOP,)),
        authorizer=AuthorizerSettings(
            super_users=("User:ANONYMOUS",), acls=(parse_acl("User:shop WRITE topic orders"),)
        ),
    ),
    applications=(
        Application(
            name="shop",
            producer={
                "security.protocol": "SASL_PLAINTEXT",
                "sasl.mechanism": "PLAIN",
                "sasl.username": SHOP.name,
            },
            workload=Workload(records=40, phases=(Phase(every_us=50_000),)),
        ),
    ),
    schedule=(
        after(acknowledged(10)).revoke("User:shop", "WRITE", "topic", "orders"),
        after(acknowledged(10)).wait(SECOND_US).grant("User:shop", "WRITE", "topic", "orders"),
    ),
    expects=frozenset(),
    notes="Try --fault 'after RecordAcknowledged#9: cut controller <-> b1': who has not heard of a revocation goes on taking records.",
)
