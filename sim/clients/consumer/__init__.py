"""A consumer as a function of time (sans-IO): it reads partitions from their leaders, and knows of no group.

Whoever owns it says which: whole topics, or what `assign`, `revoke` and `seek` say. The driver contract is the producer's
(`producer.commands.Driven`), so it runs on simulated streams and on sockets.
"""

from sim.clients.consumer.batches import ConsumedRecord
from sim.clients.consumer.consumer import Consumer
from sim.clients.consumer.readers import ConsumeError, NoSuchPartitionError
from sim.clients.consumer.settings import EARLIEST, LATEST, Isolation, ReadSettings, at_time

__all__ = [
    "EARLIEST",
    "LATEST",
    "ConsumeError",
    "ConsumedRecord",
    "Consumer",
    "Isolation",
    "NoSuchPartitionError",
    "ReadSettings",
    "at_time",
]
