"""Of ten orders that leave together one has no tenant: it is refused by itself, and the other nine are written.

A broker that finds one bad record refuses the whole batch (INVALID_RECORD, with the bad ones named: KIP-467), and nine good orders fail with it.
A policy at the producer looks at each record before it joins a batch: the bad one is refused to its application, by the same code and with the
field that is missing, or goes to dead letters with its card hidden as it would have been, or is only counted.
"""

from producer import Record
from sim import Application, ClusterConfig, KeyServiceConfig, Phase, Scenario, Secret, TopicConfig, Workload

CARD = "4111-1111-1111-1111"


def _order(number: int) -> Record:
    tenant = "" if number == 4 else '"tenant_id":"acme",'
    return Record("orders", f'{{{tenant}"event_time":{1_700_000_000_000 + number},"card":"{CARD}"}}'.encode())


SCENARIO = Scenario(
    name="policy_refuses_one_record_of_a_batch",
    question="One of ten orders has no tenant, and the policy wants one: what becomes of the other nine?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"), TopicConfig("orders.dead"))),
    keys=KeyServiceConfig(masks=("cards",)),
    secrets=(Secret("the card", CARD),),
    applications=(
        Application(
            name="shop",
            producer={"linger.ms": "50"},
            policy={
                "version": 1,
                "topics": [
                    {
                        "match": "orders",
                        "on_violation": "refuse",
                        "formats": ["json"],
                        "required": ["event_time", "tenant_id"],
                        "fields": {"event_time": {"format": "timestamp"}},
                        "protect": {"card": {"by": "tokenise", "key": "cards", "alphabet": "digits"}},
                    }
                ],
            },
            workload=Workload(records=tuple(map(_order, range(10))), phases=(Phase(every_us=0),)),
        ),
    ),
    expects=frozenset(),
    notes="Try policy_refuses_one_record_of_a_batch+on_violation=dead_letter: it lies in orders.dead, without its card.",
)
