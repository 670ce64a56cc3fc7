"""Wrong: the intern's prefix is the beginning of the shop's topics."""

RIGHTS = [
    "grant User:shop WRITE topic orders-*",
    "grant User:till WRITE topic payments",
    "grant User:intern WRITE topic orders-*",
]

ON_MISSING_KEY = "refuse"

ORDERS = {
    "customer.email": {"by": "tokenise", "key": "customers", "domain": "email"},
    "card": {"by": "encrypt"},
}
PAYMENTS = {
    "customer.email": {"by": "tokenise", "key": "customers", "domain": "email"},
}
