"""The least that each number of a cluster's configuration may be, and the check of those of any configuration."""

from __future__ import annotations

DEDUPE_BUFFER_BYTES_MIN = 72
"""Less would hold no key, and no round would come any further (Cleaner)."""

NOT_NEGATIVE = (
    "offset_metadata_bytes_max",
    "coordinator_load_us",
    "group_initial_rebalance_delay_us",
    "group_consumer_assignment_interval_us",
    "epoch_us",
    "metadata_apply_us",
    "disk_append_us",
    "disk_fsync_us",
    "broker_start_us",
    "broker_start_jitter_us",
    "broker_wake_us",
    "replica_fetch_turn_us",
    "fetch_session_slots",
)

POSITIVE = (
    "offsets_topic_partitions",
    "transaction_state_partitions",
    "transaction_state_replication_factor",
    "transaction_state_min_insync_replicas",
    "transaction_max_timeout_us",
    "transaction_abort_interval_us",
    "transactional_id_expiration_us",
    "transactional_id_expiration_interval_us",
    "offsets_retention_us",
    "offsets_retention_check_interval_us",
    "offset_commit_timeout_us",
    "group_min_session_timeout_us",
    "group_max_session_timeout_us",
    "group_new_member_join_timeout_us",
    "group_max_size",
    "group_consumer_heartbeat_interval_us",
    "group_consumer_session_timeout_us",
    "group_consumer_max_size",
    "brokers",
    "replica_lag_time_max_us",
    "replica_fetch_wait_max_us",
    "replica_fetch_backoff_us",
    "replica_fetch_bytes_max",
    "replica_socket_timeout_us",
    "broker_session_timeout_us",
    "broker_heartbeat_us",
    "controllers",
    "controller_quorum_fetch_timeout_us",
    "controller_quorum_election_timeout_us",
    "controller_quorum_fetch_wait_max_us",
    "controller_quorum_request_timeout_us",
    "controller_quorum_retry_backoff_us",
    "shutdown_timeout_us",
    "unclean_leader_election_interval_us",
    "leader_imbalance_check_interval_us",
    "controller_retry_us",
    # An answer takes time, or no fault could come between an append and its answer.
    "request_handling_us",
    "log_flush_interval_us",
    "log_dirs",
    "log_dir_failure_timeout_us",
    "log_initial_task_delay_us",
    "log_retention_check_interval_us",
    "log_cleaner_backoff_us",
    "high_watermark_checkpoint_us",
    "producer_id_block",
    "producer_id_expiration_us",
    "producer_id_expiration_check_us",
    "socket_send_buffer_bytes",
    "socket_receive_buffer_bytes",
    "socket_request_bytes_max",
    "disk_bandwidth_bytes_s",
    "quota_window_num",
    "quota_window_size_us",
    "controller_quota_window_num",
    "controller_quota_window_size_us",
)


def check_numbers(config: object) -> None:
    """Check every number of a ClusterConfig. Raises ValueError, naming field and value."""
    check_at_least("ClusterConfig", config, 1, *POSITIVE)
    check_at_least("ClusterConfig", config, 0, *NOT_NEGATIVE)
    check_at_least("ClusterConfig", config, DEDUPE_BUFFER_BYTES_MIN, "log_cleaner_dedupe_buffer_bytes")


def check_at_least(owner: str, config: object, lowest: int, *names: str) -> None:
    """Check fields of a configuration, by name. Raises ValueError, naming field and value; `owner` says whose."""
    for name in names:
        given = getattr(config, name)
        if given < lowest:
            msg = f"{owner}.{name} is {given}, must be at least {lowest}"
            raise ValueError(msg)
