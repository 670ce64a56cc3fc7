"""Lesson 15, exercise: who may write where, and how addresses and cards are hidden.

The key service has a key for tokens and hashes, "customers", and one for the tenant acme, which `encrypt` uses.
Change what stands below until `acklab learn check` is content.
"""

# Lines as in the lesson: "grant User:NAME WRITE topic NAME", "deny …"; a star at the end of a topic is a prefix.
# Topics: orders-de, orders-fr, orders-test, payments. Users: shop, till, intern.
RIGHTS = [
    "grant User:shop WRITE topic orders-*",
    "grant User:till WRITE topic payments",
    "grant User:intern WRITE topic orders-*",
]

# What is done with a record whose key cannot be had: "pass" or "refuse".
ON_MISSING_KEY = "pass"

# How fields are hidden: {"by": "redact"}, {"by": "hash", "key": …, "domain": …},
# {"by": "tokenise", "key": …, "domain": …} or {"by": "encrypt"}.
ORDERS = {
    "customer.email": {"by": "encrypt"},
    "card": {"by": "redact"},
}
PAYMENTS = {
    "customer.email": {"by": "encrypt"},
}
