"""Wrong: what is the same for all joins everybody with everybody."""

RIGHTS = [
    "grant User:shop WRITE topic orders-*",
    "grant User:till WRITE topic payments",
    "grant User:intern WRITE topic orders-test",
]

ON_MISSING_KEY = "refuse"

ORDERS = {
    "customer.email": {"by": "redact"},
    "card": {"by": "encrypt"},
}
PAYMENTS = {
    "customer.email": {"by": "redact"},
}
