"""Wrong: a rule that denies everybody denies the shop as well, whatever is granted to it."""

RIGHTS = [
    "grant User:shop WRITE topic orders-*",
    "grant User:till WRITE topic payments",
    "grant User:intern WRITE topic orders-*",
    "deny User:* WRITE topic orders-de",
]

ON_MISSING_KEY = "refuse"

ORDERS = {
    "customer.email": {"by": "tokenise", "key": "customers", "domain": "email"},
    "card": {"by": "encrypt"},
}
PAYMENTS = {
    "customer.email": {"by": "tokenise", "key": "customers", "domain": "email"},
}
