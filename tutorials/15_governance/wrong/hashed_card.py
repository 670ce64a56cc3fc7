"""Wrong: a hash cannot be undone, and accounting has no card numbers."""

RIGHTS = [
    "grant User:shop WRITE topic orders-*",
    "grant User:till WRITE topic payments",
    "grant User:intern WRITE topic orders-test",
]

ON_MISSING_KEY = "refuse"

ORDERS = {
    "customer.email": {"by": "tokenise", "key": "customers", "domain": "email"},
    "card": {"by": "hash", "key": "customers"},
}
PAYMENTS = {
    "customer.email": {"by": "tokenise", "key": "customers", "domain": "email"},
}
