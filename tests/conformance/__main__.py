"""How many recorded cases the simulated brokers answer as Apache Kafka did: `python -m tests.conformance [--help]`.

In virtual time, a cluster of its own for each case; or, with --at and --three, at servers that listen there. With --record
what they say becomes the recording: `python -m tests.conformance --record --at HOST:PORT --area more_fetch`, and Apache Kafka there.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Container, Iterable, Mapping

from sim.explore.workers import pool
from tests.conformance.known_differences import KNOWN, NOT_YET
from tests.conformance.suite.case import Case, all_cases, areas
from tests.conformance.suite.recording import written_down
from tests.conformance.suite.run import BROKERS, Compared, asked, beside_recording, compared_by_path
from tests.conformance.suite.wire import Where


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--area", action="append", choices=areas(), default=[], help="only this one; may be repeated")
    parser.add_argument("--case", default="", help="only cases whose name contains this")
    parser.add_argument("--show", action="store_true", help="name each case that is not equal, and its differences")
    parser.add_argument("--at", metavar="HOST:PORT", help="ask the server that listens there, a cluster of one broker")
    parser.add_argument("--three", metavar="HOST:PORT", help="the same for the cases of three brokers")
    parser.add_argument("--secure", metavar="HOST:PORT", help="the same for those of a broker that asks who is there")
    parser.add_argument("--sasl", metavar="HOST:PORT", help="its listener SASL_PLAINTEXT")
    parser.add_argument(
        "--record", action="store_true", help="write what the servers say into golden/: for those of Apache Kafka alone"
    )
    parser.add_argument("--at-least", type=float, default=0.0, metavar="PERCENT", help="exit status 1 below that")
    given = parser.parse_args()
    servers = {
        needs: where for needs, where in (("one", given.at), ("three", given.three), ("secure", given.secure)) if where
    }
    if given.record and not servers:
        parser.error("--record needs a server: --at, --three or --secure")
    wanted = [one for one in all_cases() if _is_wanted(one, given.area, given.case, servers or BROKERS)]
    if given.record:
        print(f"recorded: {', '.join(written_down(asked(servers, wanted, sasl=given.sasl)))}")
        return 0
    found = _at(servers, wanted, given.sasl) if servers else _virtually(wanted)
    results = list(_told(found, is_shown=given.show))
    return _summed_up(results, given.at_least)


def _is_wanted(case: Case, chosen: list[str], name: str, clusters: Container[str]) -> bool:
    is_served = case.area in chosen if chosen else case.area not in NOT_YET
    return is_served and name in case.name and case.needs in clusters


def _virtually(cases: list[Case]) -> Iterable[Compared]:
    paths = [case.path for case in cases]
    with pool(os.cpu_count() or 1) as processes:
        for case, found in zip(cases, processes.map(compared_by_path, paths), strict=True):
            yield Compared(case, *found)


def _at(servers: Mapping[str, Where], cases: list[Case], sasl: Where | None) -> Iterable[Compared]:
    for case, steps in asked(servers, cases, sasl=sasl):
        yield beside_recording(case, steps)


def _told(found: Iterable[Compared], *, is_shown: bool) -> Iterable[Compared]:
    for one in found:
        if is_shown and not one.is_equal:
            print(f"{one.case.path}  {KNOWN.get(one.case.path, '')}")
            for difference in one.differences:
                print(f"    {difference}")
        yield one


def _summed_up(results: list[Compared], at_least: float) -> int:
    total, equal = Counter(one.case.area for one in results), Counter(one.case.area for one in results if one.is_equal)
    for area, count in sorted(total.items()):
        print(f"{area:16} equal {equal[area]:3} of {count:3}")
    share = 100 * equal.total() / max(1, total.total())
    print(f"{'in all':16} equal {equal.total():3} of {total.total():3} ({share:.1f} %)")
    return 0 if total and share >= at_least else 1


if __name__ == "__main__":
    sys.exit(main())
