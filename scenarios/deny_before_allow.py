"""An intern's prefix is too wide, and one rule that denies takes `orders` out of it: who denies is heard before who allows, whatever is narrower.

Kafka's authorizer looks for a rule that denies first. It wins over any that allows, however exact that one is and whenever it came; only super users are not
asked. So `orders` can be taken out of `orders*`. And so nobody can be let through again by a grant: a rule that denies it to
`User:*` closes the topic to the shop as well, and granting the shop its right once more changes nothing. It has to be revoked.
"""

from dataclasses import replace

from scenarios.prefix_acl_too_wide import SCENARIO as TOO_WIDE
from sim import after, sent

SCENARIO = replace(
    TOO_WIDE,
    name="deny_before_allow",
    question="An intern may write to orders*, and is denied orders: which of the two rules counts?",
    schedule=(
        after(sent(3, by="shop")).deny("User:intern", "WRITE", "topic", "orders"),
        *TOO_WIDE.schedule,
    ),
    expects=frozenset(),
    notes="Try --fault 'after RecordSent#12 client=shop: deny User:* WRITE topic orders': the shop's own grant is of no use then.",
)
