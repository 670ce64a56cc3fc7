"""The coordinator of groups: who is a member, who reads what, and how far each has come (org.apache.kafka.coordinator.group)."""
