"""What clients and brokers say to each other, one file an API: declarations, which `producer.wire.codec` makes codecs of.

A value is a NamedTuple. Its fields have Kafka's names and defaults and stand in the order of the wire. A file is loaded
when its API is used.
"""
