"""Records' keys are encrypted in a compacted topic, and what a customer wants to be forgotten stays on every disk.

A cleaner keeps the last record of each key, and a record without a value deletes its key. An envelope is another one each time, so that nobody sees
which values are equal: to a cleaner each record has a key of its own. Nothing is ever old, a tombstone deletes nothing, and Ada's address lies on all
disks for good; the order of one customer's records is gone as well, as they go to any partition. A keyed token (`by: tokenise`) or a keyed hash
is the same each time: the cleaner takes the address, and nobody reads a customer's name in the key.
"""

from producer import Record
from sim import (
    SECOND_US,
    Application,
    ClusterConfig,
    KeyServiceConfig,
    Phase,
    Scenario,
    Secret,
    TopicConfig,
    Workload,
)

ADDRESS = "12 Saint James Square"


def _customer(number: int) -> Record:
    """Ada's address comes first, and is taken back by the twelfth record; the others are changed again and again."""
    if number == 0:
        return Record("customers", f'{{"address":"{ADDRESS}"}}'.encode(), b"customer-ada")
    if number == 12:
        return Record("customers", None, b"customer-ada")
    return Record("customers", f'{{"address":"moved {number} times"}}'.encode(), b"customer-%d" % (1000 + number % 3))


SCENARIO = Scenario(
    name="encrypted_key_defeats_compaction",
    question="Records' keys are encrypted in a compacted topic, and a customer is deleted: is the address gone from the disks?",
    cluster=ClusterConfig(
        topics=(
            TopicConfig(
                "customers",
                cleanup_policy=("compact",),
                # Small, so that there is something to clean in half a minute: a segment lasts a second.
                segment_ms=1_000,
                min_cleanable_dirty_ratio=0.05,
            ),
        ),
        log_cleaner_backoff_us=SECOND_US,
    ),
    keys=KeyServiceConfig(tenants=("acme",), masks=("customers",)),
    secrets=(Secret("Ada's address", ADDRESS), Secret("Ada's key", "customer-ada")),
    applications=(
        Application(
            name="crm",
            policy={
                "version": 1,
                "topics": [{"match": "customers", "tenant": {"name": "acme"}, "protect_key": {"by": "encrypt"}}],
            },
            workload=Workload(
                records=tuple(map(_customer, range(60))),
                phases=(Phase(share=5, every_us=150_000), Phase(every_us=150_000, quiet_us=8 * SECOND_US)),
            ),
        ),
    ),
    expects=frozenset({"disclosed"}),
    notes="Try encrypted_key_defeats_compaction+key_by=tokenise: the cleaner takes the address from every disk.",
)
