"""Wrong: all is right but the order of deployments. Billing of yesterday wants a total, which new orders have not."""

LEVEL = "BACKWARD"
FIRST = "shop"

ORDER = {
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "amount", "type": "double", "aliases": ["total"]},
        {"name": "currency", "type": "string", "default": "EUR"},
    ],
}
