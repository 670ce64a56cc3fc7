"""Lesson 8, one solution: defaults and an alias for what old orders say otherwise, a level that asks for them, and readers first."""

# New readers must read old orders, and they are deployed before anybody writes new ones.
LEVEL = "BACKWARD"
FIRST = "billing"

ORDER = {
    "type": "record",
    "name": "Order",
    "fields": [
        # An int is read as a long ...
        {"name": "id", "type": "long"},
        # ... and as a double; the alias says that it is the old total.
        {"name": "amount", "type": "double", "aliases": ["total"]},
        # Old orders have none.
        {"name": "currency", "type": "string", "default": "EUR"},
    ],
}
