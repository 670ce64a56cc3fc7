"""Lesson 15, one solution: narrow rights, tokens to join by, an envelope to be opened by right, and no key means no record."""

RIGHTS = [
    "grant User:shop WRITE topic orders-*",
    "grant User:till WRITE topic payments",
    # Not orders-*, which are the shop's as well.
    "grant User:intern WRITE topic orders-test",
]

# What was written once in plain text stays written.
ON_MISSING_KEY = "refuse"

ORDERS = {
    # The same for the same, in both topics: one method, one key, one domain.
    "customer.email": {"by": "tokenise", "key": "customers", "domain": "email"},
    # Nobody joins by cards; who has the right opens the envelope.
    "card": {"by": "encrypt"},
}
PAYMENTS = {
    "customer.email": {"by": "tokenise", "key": "customers", "domain": "email"},
}
