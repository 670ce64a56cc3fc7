"""Wrong: an envelope is another one each time, so no order finds its payment."""

RIGHTS = [
    "grant User:shop WRITE topic orders-*",
    "grant User:till WRITE topic payments",
    "grant User:intern WRITE topic orders-test",
]

ON_MISSING_KEY = "refuse"

ORDERS = {
    "customer.email": {"by": "encrypt"},
    "card": {"by": "encrypt"},
}
PAYMENTS = {
    "customer.email": {"by": "encrypt"},
}
