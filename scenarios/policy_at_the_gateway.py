"""A shop that has never heard of the policy writes card numbers: the gateway before the brokers encrypts them, and refuses what has no tenant.

A policy at a producer binds who has one. A gateway binds whoever comes by: it reads each batch on its way, hides what is to be hidden, and
hands it on with the producer's own sequence, so that an idempotent producer is none the wiser. It cannot take one record out of a batch,
whose sequence numbers count it, so the batch with the bad order is refused whole (INVALID_RECORD, with the record named: KIP-467). Here
each order leaves alone, and one of twelve fails; with `on_violation=dead_letter` it lies in `orders.dead` before the shop hears of it.

Past the gateway nobody is bound: the same shop at the brokers' own addresses leaves every card on every disk. Let brokers listen for the gateway alone.
"""

from producer import Record
from sim import (
    Application,
    ClusterConfig,
    GatewayConfig,
    KeyServiceConfig,
    Phase,
    Scenario,
    Secret,
    TopicConfig,
    Workload,
)

CARD = "4111-1111-1111-1111"


def _order(number: int) -> Record:
    tenant = "" if number == 5 else '"tenant_id":"acme",'
    return Record("orders", f'{{{tenant}"order":{number},"card":"{CARD}"}}'.encode())


SCENARIO = Scenario(
    name="policy_at_the_gateway",
    question="A shop without a policy writes card numbers through a gateway that has one: what lies on the disks?",
    cluster=ClusterConfig(topics=(TopicConfig("orders"), TopicConfig("orders.dead"))),
    keys=KeyServiceConfig(tenants=("acme",)),
    gateway=GatewayConfig(
        policy={
            "version": 1,
            "topics": [
                {
                    "match": "orders",
                    "on_violation": "refuse",
                    "required": ["tenant_id"],
                    "tenant": {"name": "acme"},
                    "protect": {"card": {"by": "encrypt"}},
                }
            ],
        }
    ),
    secrets=(Secret("the card", CARD),),
    applications=(
        Application(
            name="shop",
            through="gateway",
            workload=Workload(records=tuple(map(_order, range(12))), phases=(Phase(every_us=100_000),)),
        ),
    ),
    expects=frozenset(),
    notes="Try policy_at_the_gateway+through=brokers: past it, and the cards are on every disk. And +on_violation=dead_letter.",
)
