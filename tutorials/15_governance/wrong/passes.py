"""Wrong: without a key the records go out in plain text."""

RIGHTS = [
    "grant User:shop WRITE topic orders-*",
    "grant User:till WRITE topic payments",
    "grant User:intern WRITE topic orders-test",
]

ON_MISSING_KEY = "pass"

ORDERS = {
    "customer.email": {"by": "tokenise", "key": "customers", "domain": "email"},
    "card": {"by": "encrypt"},
}
PAYMENTS = {
    "customer.email": {"by": "tokenise", "key": "customers", "domain": "email"},
}
