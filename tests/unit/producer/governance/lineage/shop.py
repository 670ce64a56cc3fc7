"""A small company: a shop writes orders, billing makes invoices of them, a warehouse loads those, a mailer reads orders and says nothing of fields."""

from __future__ import annotations

from typing import Any

from producer.governance.lineage.dataset import Dataset, Field, FieldOf, Job, topic
from producer.governance.lineage.run import LineageRun

BROKER = "b1:9092"
KAFKA = f"kafka://{BROKER}"
RUN = "01890a5d-ac96-774b-bcce-b302099a8057"
ORDERS = topic(BROKER, "orders", (Field("id", "long"), Field("amount", "double"), Field("customer.email", "string")))
INVOICES = topic(
    BROKER,
    "invoices",
    (Field("order", "long"), Field("total", "double")),
    {"order": (FieldOf(KAFKA, "orders", "id"),), "total": (FieldOf(KAFKA, "orders", "amount"),)},
)
TABLE = Dataset(
    "postgres://db:5432", "sales.public.revenue", (Field("sum"),), {"sum": (FieldOf(KAFKA, "invoices", "total"),)}
)
LETTERS = topic(BROKER, "letters")


def told(name: str, reads: tuple[Dataset, ...], writes: tuple[Dataset, ...]) -> list[dict[str, Any]]:
    run = LineageRun(Job("acklab", name), RUN)
    events = [run.reads(one, 1_000_000) for one in reads] + [run.writes(one, 2_000_000) for one in writes]
    return [one for one in events if one is not None] + [run.complete(3_000_000)]


EVENTS = [
    *told("shop", (), (ORDERS,)),
    *told("billing", (ORDERS._replace(fields=(Field("id"), Field("amount"))),), (INVOICES,)),
    *told("warehouse", (INVOICES._replace(fields=(Field("total"),), made_of={}),), (TABLE,)),
    *told("mailer", (ORDERS._replace(fields=()),), (LETTERS,)),
]
