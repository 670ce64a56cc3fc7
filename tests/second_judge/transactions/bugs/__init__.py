"""Planted bugs of the oracle's judges of transactions, one a file: each makes it differ from the second judge."""

from __future__ import annotations

from tests.second_judge.agreement import JudgeBug
from tests.second_judge.transactions.bugs.aborted_read_by_the_application import BUG as ABORTED_READ_BY_THE_APPLICATION
from tests.second_judge.transactions.bugs.aborted_read_by_the_log import BUG as ABORTED_READ_BY_THE_LOG
from tests.second_judge.transactions.bugs.counts_what_is_aborted import BUG as COUNTS_WHAT_IS_ABORTED
from tests.second_judge.transactions.bugs.decides_by_the_last_marker import BUG as DECIDES_BY_THE_LAST_MARKER
from tests.second_judge.transactions.bugs.exactly_once_at_most import BUG as EXACTLY_ONCE_AT_MOST
from tests.second_judge.transactions.bugs.exactly_once_by_word import BUG as EXACTLY_ONCE_BY_WORD
from tests.second_judge.transactions.bugs.fencing_by_the_marker import BUG as FENCING_BY_THE_MARKER
from tests.second_judge.transactions.bugs.torn_if_told_otherwise import BUG as TORN_IF_TOLD_OTHERWISE
from tests.second_judge.transactions.bugs.torn_is_never_wholly_wrong import BUG as TORN_IS_NEVER_WHOLLY_WRONG

BUGS: dict[str, JudgeBug] = {
    bug.name: bug
    for bug in (
        ABORTED_READ_BY_THE_APPLICATION,
        ABORTED_READ_BY_THE_LOG,
        COUNTS_WHAT_IS_ABORTED,
        DECIDES_BY_THE_LAST_MARKER,
        EXACTLY_ONCE_AT_MOST,
        EXACTLY_ONCE_BY_WORD,
        FENCING_BY_THE_MARKER,
        TORN_IF_TOLD_OTHERWISE,
        TORN_IS_NEVER_WHOLLY_WRONG,
    )
}
"""Every planted bug of these judges by its name."""
