"""Wrong: old orders have no currency, and nothing to put there. The registry says so."""

LEVEL = "BACKWARD"
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
