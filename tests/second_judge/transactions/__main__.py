"""Judge many plays with transactions twice: `python -m tests.second_judge.transactions --runs 500`."""

from __future__ import annotations

import sys
from collections import Counter

from tests.second_judge.campaign import asked
from tests.second_judge.transactions.told import told


def main() -> int:
    campaign = asked("tests.second_judge.transactions", __doc__, runs=100, of="play", has_seed=False)
    looked_at: Counter[str] = Counter()
    plays: Counter[str] = Counter()
    broken: dict[str, Counter[str]] = {}
    for one in campaign.each(told, range(campaign.begin, campaign.begin + campaign.runs)):
        plays[one.lie] += 1
        looked_at.update(one.checked)
        broken.setdefault(one.lie, Counter()).update(one.broken)
    for lie in sorted(plays):
        what = ", ".join(f"{name} {count}" for name, count in broken[lie].items() if count)
        print(f"{plays[lie]:>5} {lie}: {what or 'nothing broke'}")
    print("looked at: " + ", ".join(f"{name} {count:,}" for name, count in looked_at.items()))
    print(f"{campaign.runs:,} plays: the two judges differ in {len(campaign.differences):,} places")
    return campaign.status


if __name__ == "__main__":
    sys.exit(main())
