"""Groups by the consumer protocol (KIP-848): one heartbeat says everything, and the coordinator assigns (org.apache.kafka.coordinator.group.modern)."""
