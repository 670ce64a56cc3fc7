"""A shop writes orders, a till writes payments, both with the customer's address: hidden so, do orders still meet payments?

Each application has a policy, which hides `customer.email` before a record is sent; both ask one key service for keys. Three customers
buy six times. An analyst has no key. He reads both topics and puts each order beside the payments whose `customer.email` is the same text.

SCENARIO is one such story. Change ORDERS_BY or PAYMENTS_BY and run it again: `acklab run joining.py`.
"""

import json
from typing import Any

from producer import Record
from sim import (
    Application,
    ClusterConfig,
    KeyServiceConfig,
    Phase,
    RecordRead,
    Report,
    Scenario,
    Secret,
    TopicConfig,
    Workload,
)

ADA, ALAN, GRACE = "ada.lovelace@example.org", "alan.turing@example.org", "grace.hopper@example.org"
BUYERS = (ADA, ALAN, GRACE, ADA, GRACE, ADA)

ENCRYPT = {"by": "encrypt"}
REDACT = {"by": "redact"}
TOKEN = {"by": "tokenise", "key": "customers", "domain": "email"}
TOKEN_OF_THE_TILL = {"by": "tokenise", "key": "customers", "domain": "payer"}

ORDERS_BY = TOKEN
PAYMENTS_BY = TOKEN


def writer(name: str, topic: str, hidden_by: dict[str, Any]) -> Application:
    """Give an application whose policy hides the address in what it writes to one topic."""
    rule = {"match": topic, "tenant": {"name": "acme"}, "protect": {"customer.email": hidden_by}}
    rows = [{"number": number, "customer": {"email": email}} for number, email in enumerate(BUYERS, start=1)]
    return Application(
        name=name,
        policy={"version": 1, "topics": [rule]},
        workload=Workload(
            records=tuple(Record(topic, json.dumps(row).encode()) for row in rows), phases=(Phase(every_us=20_000),)
        ),
    )


def story(orders_by: dict[str, Any], payments_by: dict[str, Any]) -> Scenario:
    """Tell it with the address hidden in these two ways."""
    return Scenario(
        name="joining",
        question="A customer's address is hidden in orders and in payments: do orders still meet payments?",
        cluster=ClusterConfig(topics=(TopicConfig("orders"), TopicConfig("payments"))),
        keys=KeyServiceConfig(tenants=("acme",), masks=("customers",)),
        secrets=(Secret("Ada's address", ADA), Secret("Alan's address", ALAN), Secret("Grace's address", GRACE)),
        applications=(writer("shop", "orders", orders_by), writer("till", "payments", payments_by)),
    )


def addresses(report: Report, topic: str) -> list[str]:
    """Give what stands for the customer's address in each record of a topic, as anybody reads it."""
    read = [event for event in report.trace if isinstance(event, RecordRead) and event.topic == topic]
    return [json.loads(event.value)["customer"]["email"] for event in read if event.value is not None]


SCENARIO = story(ORDERS_BY, PAYMENTS_BY)
