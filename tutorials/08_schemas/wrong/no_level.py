"""Wrong: nobody asks what the intern registers."""

LEVEL = "NONE"
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
