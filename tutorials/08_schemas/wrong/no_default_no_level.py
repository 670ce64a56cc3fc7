"""Wrong: old orders have no currency, and no registry asks."""

LEVEL = "NONE"
FIRST = "billing"

ORDER = {
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "amount", "type": "double", "aliases": ["total"]},
        {"name": "currency", "type": "string"},
    ],
}
