"""The hot key's records go round over all six partitions: the load is even, and the order of that key is gone.

The salted partitioner adds 0, 1, … 5 to the hash of the one hot key, in turn; every other key stays where it was. A
consumer that wants the hot key whole reads six partitions, and gets six orders, merged in any way. Compare
`hot_key`, where nothing is salted, and `hot_key_composite`, which keeps an order that is worth having.
"""

from dataclasses import replace

from scenarios.hot_key import SCENARIO as HOT_KEY

SCENARIO = replace(
    HOT_KEY,
    name="hot_key_salted",
    question="The key with 70 % of the records is salted: is the load even, and is it still in order?",
    producer={"partitioner.class": "salted", "acklab.partitioner.salts": "user-42:6"},
    expects=frozenset({"key order"}),
    notes="Fewer salts, fewer partitions to read: --set acklab.partitioner.salts=user-42:3",
)
