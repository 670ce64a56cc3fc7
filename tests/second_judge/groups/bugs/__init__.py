"""Planted bugs of the oracle's judges of groups, one a file: each makes it differ from the second judge."""

from __future__ import annotations

from tests.second_judge.agreement import JudgeBug
from tests.second_judge.groups.bugs.forgotten_by_word import BUG as FORGOTTEN_BY_WORD
from tests.second_judge.groups.bugs.forgotten_if_unanswered import BUG as FORGOTTEN_IF_UNANSWERED
from tests.second_judge.groups.bugs.forgotten_takes_refused import BUG as FORGOTTEN_TAKES_REFUSED
from tests.second_judge.groups.bugs.read_again_by_members import BUG as READ_AGAIN_BY_MEMBERS
from tests.second_judge.groups.bugs.two_owners_by_epoch import BUG as TWO_OWNERS_BY_EPOCH
from tests.second_judge.groups.bugs.two_owners_in_any_epoch import BUG as TWO_OWNERS_IN_ANY_EPOCH
from tests.second_judge.groups.bugs.two_owners_in_silence import BUG as TWO_OWNERS_IN_SILENCE
from tests.second_judge.groups.bugs.unread_by_each_member import BUG as UNREAD_BY_EACH_MEMBER
from tests.second_judge.groups.bugs.unread_by_who_left import BUG as UNREAD_BY_WHO_LEFT

BUGS: dict[str, JudgeBug] = {
    bug.name: bug
    for bug in (
        FORGOTTEN_BY_WORD,
        FORGOTTEN_IF_UNANSWERED,
        FORGOTTEN_TAKES_REFUSED,
        READ_AGAIN_BY_MEMBERS,
        TWO_OWNERS_BY_EPOCH,
        TWO_OWNERS_IN_ANY_EPOCH,
        TWO_OWNERS_IN_SILENCE,
        UNREAD_BY_EACH_MEMBER,
        UNREAD_BY_WHO_LEFT,
    )
}
"""Every planted bug of these judges by its name."""
