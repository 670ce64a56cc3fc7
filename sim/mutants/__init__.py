"""Planted bugs: one deliberately broken engine or broker a file, for the searches to find.

A bug is off until its value is handed to `run(..., mutant=...)`; nothing reads one from an environment or a file of settings,
and nothing imports this room: `sim.stories.planted` looks a name up. That name stands in the report, the trace's header and
the witness of every run that it was planted in.
"""

from __future__ import annotations

from sim.mutants.aborted_index_without_last import ABORTED_INDEX_WITHOUT_LAST
from sim.mutants.accepted_gap import ACCEPTED_GAP
from sim.mutants.acks_all_sent_as_one import ACKS_ALL_SENT_AS_ONE
from sim.mutants.acks_before_replication import ACKS_BEFORE_REPLICATION
from sim.mutants.answer_matched_to_wrong_request import ANSWER_MATCHED_TO_WRONG_REQUEST
from sim.mutants.cleaner_removes_the_last import CLEANER_REMOVES_THE_LAST
from sim.mutants.dedupe_window_of_four import DEDUPE_WINDOW_OF_FOUR
from sim.mutants.deny_after_allow import DENY_AFTER_ALLOW
from sim.mutants.deposed_leader_acknowledges import DEPOSED_LEADER_ACKNOWLEDGES
from sim.mutants.deposed_leader_believed import DEPOSED_LEADER_BELIEVED
from sim.mutants.diverging_fetch_is_progress import DIVERGING_FETCH_IS_PROGRESS
from sim.mutants.diverging_follower import DIVERGING_FOLLOWER
from sim.mutants.election_outside_isr import ELECTION_OUTSIDE_ISR
from sim.mutants.epoch_bump_renumbers_others import EPOCH_BUMP_RENUMBERS_OTHERS
from sim.mutants.epoch_reset_without_epoch import EPOCH_RESET_WITHOUT_EPOCH
from sim.mutants.expired_buffer_reused import EXPIRED_BUFFER_REUSED
from sim.mutants.fencing_forgotten import FENCING_FORGOTTEN
from sim.mutants.forgetful_failover import FORGETFUL_FAILOVER
from sim.mutants.headers_dropped import HEADERS_DROPPED
from sim.mutants.ineligible_joins import INELIGIBLE_JOINS
from sim.mutants.isr_expansion_below_watermark import ISR_EXPANSION_BELOW_WATERMARK
from sim.mutants.isr_shrinks_before_commit import ISR_SHRINKS_BEFORE_COMMIT
from sim.mutants.last_position_forgotten import LAST_POSITION_FORGOTTEN
from sim.mutants.leader_epochs_lost import LEADER_EPOCHS_LOST
from sim.mutants.level_not_asked import LEVEL_NOT_ASKED
from sim.mutants.marker_without_epoch_check import MARKER_WITHOUT_EPOCH_CHECK
from sim.mutants.min_isr_ignored import MIN_ISR_IGNORED
from sim.mutants.new_sequence_on_retry import NEW_SEQUENCE_ON_RETRY
from sim.mutants.offsets_outside_transaction import OFFSETS_OUTSIDE_TRANSACTION
from sim.mutants.out_of_order_always_bumps import OUT_OF_ORDER_ALWAYS_BUMPS
from sim.mutants.overtaking_retry import OVERTAKING_RETRY
from sim.mutants.partition_given_before_revoked import PARTITION_GIVEN_BEFORE_REVOKED
from sim.mutants.planting import Mutant
from sim.mutants.prefix_as_literal import PREFIX_AS_LITERAL
from sim.mutants.producer_state_not_truncated import PRODUCER_STATE_NOT_TRUNCATED
from sim.mutants.reads_beyond_watermark import READS_BEYOND_WATERMARK
from sim.mutants.recovery_without_producers import RECOVERY_WITHOUT_PRODUCERS
from sim.mutants.repeat_acknowledged_at_once import REPEAT_ACKNOWLEDGED_AT_ONCE
from sim.mutants.repeated_marker_refused import REPEATED_MARKER_REFUSED
from sim.mutants.segment_as_old_as_its_first import SEGMENT_AS_OLD_AS_ITS_FIRST
from sim.mutants.sequence_reset_after_expiry import SEQUENCE_RESET_AFTER_EXPIRY
from sim.mutants.stable_offset_passes_open import STABLE_OFFSET_PASSES_OPEN
from sim.mutants.stale_proposal_committed import STALE_PROPOSAL_COMMITTED
from sim.mutants.term_begins_committed import TERM_BEGINS_COMMITTED
from sim.mutants.throttle_not_muted import THROTTLE_NOT_MUTED
from sim.mutants.time_out_told_as_failed import TIME_OUT_TOLD_AS_FAILED
from sim.mutants.truncation_to_watermark import TRUNCATION_TO_WATERMARK
from sim.mutants.trusts_old_offsets import TRUSTS_OLD_OFFSETS
from sim.mutants.unclean_shutdown_trusted import UNCLEAN_SHUTDOWN_TRUSTED
from sim.mutants.unresolved_forgotten import UNRESOLVED_FORGOTTEN
from sim.mutants.watermark_ignores_joining import WATERMARK_IGNORES_JOINING
from sim.mutants.watermark_not_frozen import WATERMARK_NOT_FROZEN

__all__ = ["MUTANTS", "Mutant"]

MUTANTS: dict[str, Mutant] = {
    mutant.name: mutant
    for mutant in (
        ABORTED_INDEX_WITHOUT_LAST,
        ACCEPTED_GAP,
        ACKS_ALL_SENT_AS_ONE,
        ACKS_BEFORE_REPLICATION,
        ANSWER_MATCHED_TO_WRONG_REQUEST,
        CLEANER_REMOVES_THE_LAST,
        DEDUPE_WINDOW_OF_FOUR,
        DENY_AFTER_ALLOW,
        DEPOSED_LEADER_ACKNOWLEDGES,
        DEPOSED_LEADER_BELIEVED,
        DIVERGING_FETCH_IS_PROGRESS,
        DIVERGING_FOLLOWER,
        ELECTION_OUTSIDE_ISR,
        EPOCH_BUMP_RENUMBERS_OTHERS,
        EPOCH_RESET_WITHOUT_EPOCH,
        EXPIRED_BUFFER_REUSED,
        FENCING_FORGOTTEN,
        FORGETFUL_FAILOVER,
        HEADERS_DROPPED,
        INELIGIBLE_JOINS,
        ISR_EXPANSION_BELOW_WATERMARK,
        ISR_SHRINKS_BEFORE_COMMIT,
        LAST_POSITION_FORGOTTEN,
        LEADER_EPOCHS_LOST,
        LEVEL_NOT_ASKED,
        MARKER_WITHOUT_EPOCH_CHECK,
        MIN_ISR_IGNORED,
        NEW_SEQUENCE_ON_RETRY,
        OFFSETS_OUTSIDE_TRANSACTION,
        OUT_OF_ORDER_ALWAYS_BUMPS,
        OVERTAKING_RETRY,
        PARTITION_GIVEN_BEFORE_REVOKED,
        PREFIX_AS_LITERAL,
        PRODUCER_STATE_NOT_TRUNCATED,
        READS_BEYOND_WATERMARK,
        RECOVERY_WITHOUT_PRODUCERS,
        REPEAT_ACKNOWLEDGED_AT_ONCE,
        REPEATED_MARKER_REFUSED,
        SEGMENT_AS_OLD_AS_ITS_FIRST,
        SEQUENCE_RESET_AFTER_EXPIRY,
        STABLE_OFFSET_PASSES_OPEN,
        STALE_PROPOSAL_COMMITTED,
        TERM_BEGINS_COMMITTED,
        THROTTLE_NOT_MUTED,
        TIME_OUT_TOLD_AS_FAILED,
        TRUNCATION_TO_WATERMARK,
        TRUSTS_OLD_OFFSETS,
        UNCLEAN_SHUTDOWN_TRUSTED,
        UNRESOLVED_FORGOTTEN,
        WATERMARK_IGNORES_JOINING,
        WATERMARK_NOT_FROZEN,
    )
}
"""Every planted bug by its name."""
