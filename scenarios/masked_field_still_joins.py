"""Two applications write the same customers' e-mail addresses as tokens, and orders still meet their payments.

A token is made by FF1 (NIST SP 800-38G) under a key that both producers are given by the key service: equal addresses have equal tokens, in
whatever topic and from whatever producer, as the two fields are of one `domain`. A token is as long as the address, with its dots and its @,
so nobody's schema changes. No address lies on any disk; whoever has the masking key can undo a token, and nobody else.

With another domain, or another key, for one of the two nothing would meet; hidden by an envelope, each would be another one each time.
"""

from producer import Record
from sim import (
    Application,
    ClusterConfig,
    KeyServiceConfig,
    Phase,
    Scenario,
    Secret,
    TopicConfig,
    Workload,
)

ADA, ALAN, GRACE = "ada.lovelace@example.org", "alan.turing@example.org", "grace.hopper@example.org"

TOKEN = {"by": "tokenise", "key": "customers", "domain": "email"}


def _rows(topic: str, what: str) -> tuple[Record, ...]:
    return tuple(
        Record(topic, f'{{"{what}":{number},"customer":{{"email":"{email}"}}}}'.encode())
        for number, email in enumerate((ADA, ALAN, GRACE, ADA, GRACE, ADA), start=1)
    )


SCENARIO = Scenario(
    name="masked_field_still_joins",
    question="A customer's address is written as a token by two applications: do orders still meet payments, and does nobody read it?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"), TopicConfig("payments"))),
    keys=KeyServiceConfig(masks=("customers",)),
    secrets=(Secret("Ada's address", ADA), Secret("Alan's address", ALAN), Secret("Grace's address", GRACE)),
    applications=(
        Application(
            name="shop",
            policy={"version": 1, "topics": [{"match": "orders", "protect": {"customer.email": TOKEN}}]},
            workload=Workload(records=_rows("orders", "order"), phases=(Phase(every_us=20_000),)),
        ),
        Application(
            name="till",
            policy={"version": 1, "topics": [{"match": "payments", "protect": {"customer.email": TOKEN}}]},
            workload=Workload(records=_rows("payments", "payment"), phases=(Phase(every_us=20_000),)),
        ),
    ),
    expects=frozenset(),
    notes="Try --fault 'at 0s: cut shop <-> key-service': without the key nothing of an order is written.",
)
