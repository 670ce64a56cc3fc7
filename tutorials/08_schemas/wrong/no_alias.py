"""Wrong: the registry is content, and every old order is worth nothing."""

LEVEL = "BACKWARD"
FIRST = "billing"

ORDER = {
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "amount", "type": "double", "default": 0},
        {"name": "currency", "type": "string", "default": "EUR"},
    ],
}
