"""Wrong: FULL asks that old billing reads new orders, and it wants a total."""

LEVEL = "FULL"
FIRST = "billing"

ORDER = {
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "amount", "type": "double", "aliases": ["total"]},
        {"name": "currency", "type": "string", "default": "EUR"},
    ],
}
