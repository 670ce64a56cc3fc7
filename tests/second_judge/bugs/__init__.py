"""Planted bugs of the oracle, one a file: each makes it differ from the second judge. Nothing else imports them."""

from __future__ import annotations

from tests.second_judge.agreement import JudgeBug
from tests.second_judge.bugs.duplicated_if_acknowledged import BUG as DUPLICATED_IF_ACKNOWLEDGED
from tests.second_judge.bugs.forgets_lost_disks import BUG as FORGETS_LOST_DISKS
from tests.second_judge.bugs.judges_without_an_end import BUG as JUDGES_WITHOUT_AN_END
from tests.second_judge.bugs.keeps_what_was_cut import BUG as KEEPS_WHAT_WAS_CUT
from tests.second_judge.bugs.key_order_by_partition import BUG as KEY_ORDER_BY_PARTITION
from tests.second_judge.bugs.links_the_first_request_only import BUG as LINKS_THE_FIRST_REQUEST_ONLY
from tests.second_judge.bugs.lost_passes_acks_zero import BUG as LOST_PASSES_ACKS_ZERO
from tests.second_judge.bugs.misplaced_by_partition import BUG as MISPLACED_BY_PARTITION
from tests.second_judge.bugs.misrouted_by_value import BUG as MISROUTED_BY_VALUE
from tests.second_judge.bugs.no_time_of_what_was_there import BUG as NO_TIME_OF_WHAT_WAS_THERE
from tests.second_judge.bugs.phantom_of_the_unknown import BUG as PHANTOM_OF_THE_UNKNOWN
from tests.second_judge.bugs.read_again_by_order import BUG as READ_AGAIN_BY_ORDER
from tests.second_judge.bugs.reordered_by_neighbours import BUG as REORDERED_BY_NEIGHBOURS
from tests.second_judge.bugs.reordered_by_repeats import BUG as REORDERED_BY_REPEATS
from tests.second_judge.bugs.repeated_by_one_client import BUG as REPEATED_BY_ONE_CLIENT
from tests.second_judge.bugs.takes_compacted_for_lost import BUG as TAKES_COMPACTED_FOR_LOST
from tests.second_judge.bugs.takes_lives_for_one import BUG as TAKES_LIVES_FOR_ONE
from tests.second_judge.bugs.unread_by_the_last import BUG as UNREAD_BY_THE_LAST

BUGS: dict[str, JudgeBug] = {
    bug.name: bug
    for bug in (
        DUPLICATED_IF_ACKNOWLEDGED,
        FORGETS_LOST_DISKS,
        JUDGES_WITHOUT_AN_END,
        KEEPS_WHAT_WAS_CUT,
        KEY_ORDER_BY_PARTITION,
        LINKS_THE_FIRST_REQUEST_ONLY,
        LOST_PASSES_ACKS_ZERO,
        MISPLACED_BY_PARTITION,
        MISROUTED_BY_VALUE,
        NO_TIME_OF_WHAT_WAS_THERE,
        PHANTOM_OF_THE_UNKNOWN,
        READ_AGAIN_BY_ORDER,
        REORDERED_BY_NEIGHBOURS,
        REORDERED_BY_REPEATS,
        REPEATED_BY_ONE_CLIENT,
        TAKES_COMPACTED_FOR_LOST,
        TAKES_LIVES_FOR_ONE,
        UNREAD_BY_THE_LAST,
    )
}
"""Every planted bug of the oracle by its name."""
