"""The hot key is sent together with a sub-key, as user and cart: the load spreads, and each cart keeps its order.

The default partitioner hashes the whole of `user-42|7`, so a user's carts lie in several partitions, and the records of
one cart in one. What is given up is the order between the carts of one user.
"""

from dataclasses import replace

from scenarios.hot_key import SCENARIO as HOT_KEY
from sim import CompositeKeys

SCENARIO = replace(
    HOT_KEY,
    name="hot_key_composite",
    question="Each record is keyed by user and cart: how do they spread, and is each cart in order?",
    workload=replace(HOT_KEY.workload, keys=CompositeKeys(HOT_KEY.workload.keys, sub_keys=60)),
    notes="hot_key is the same load with the user alone as the key.",
)
