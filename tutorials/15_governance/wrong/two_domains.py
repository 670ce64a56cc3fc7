"""Wrong: two domains, two tokens for one address."""

RIGHTS = [
    "grant User:shop WRITE topic orders-*",
    "grant User:till WRITE topic payments",
    "grant User:intern WRITE topic orders-test",
]

ON_MISSING_KEY = "refuse"

ORDERS = {
    "customer.email": {"by": "tokenise", "key": "customers", "domain": "email"},
    "card": {"by": "encrypt"},
}
PAYMENTS = {
    "customer.email": {"by": "tokenise", "key": "customers", "domain": "payer"},
}
