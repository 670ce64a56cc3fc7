"""A member of a group as a function of time: it shares a topic's partitions with others, by either of Kafka's protocols.

`GroupMember` works on a `Consumer`'s client and tells it what to read. A `Membership` is what the protocols do differently.
"""

from sim.clients.consumer.group.member import GroupMember, MemberSettings
from sim.clients.consumer.group.membership import Protocol
from sim.clients.consumer.group.witness import Witness

__all__ = ["GroupMember", "MemberSettings", "Protocol", "Witness"]
