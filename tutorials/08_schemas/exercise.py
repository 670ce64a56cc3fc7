"""Lesson 8, exercise: a new schema for orders, while the shop writes them and billing reads them.

Version 1, which is in use, looks like this:

    {"name": "id", "type": "int"}, {"name": "total", "type": "int"}

Version 2 is to have `id` as a long, `total` under the name `amount` and as a double, and a new text, `currency`. Change what stands
below until `acklab learn check` is content. What billing gets for the currency of an old order is up to you.
"""

# Of the subject orders-value: NONE, BACKWARD, FORWARD, FULL, or one of these with _TRANSITIVE.
LEVEL = "NONE"

# Who gets version 2 first: "shop" (it writes) or "billing" (it reads).
FIRST = "shop"

ORDER = {
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "amount", "type": "double"},
        {"name": "currency", "type": "string"},
    ],
}
