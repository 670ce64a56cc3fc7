"""The bit field of what the asker may do with a group, a topic or the cluster."""

OPERATIONS_UNKNOWN = -(1 << 31)
"""Nobody asked for it."""
