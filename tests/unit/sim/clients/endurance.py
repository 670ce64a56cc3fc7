"""An hour of virtual time against a broker that hangs: `python -m tests.unit.sim.clients.endurance [SECONDS] [PERIOD_MS]`.

For each way of hanging and each set of time-outs: producers with acks=all and acks=0 send a record every PERIOD_MS (50) for
SECONDS (3,600). Prints what they, the network and the world hold on the way; exit status 1 if the second half ever held more
connections, records, bytes or objects of any type than its first half did, but for a little.
"""

from __future__ import annotations

import sys

from sim.world.units import MILLISECOND_US, SECOND_US
from tests.unit.sim.clients.flatness import PATIENCES, Vigil, grown
from tests.unit.sim.clients.hung_brokers import WAYS

LOOKS = 40


def endure(way: str, patience: str, *, duration_s: int, period_ms: int) -> bool:
    print(f"{way}, {patience}")
    vigil = Vigil(PATIENCES[patience], period_us=period_ms * MILLISECOND_US)
    looks = []
    for look in vigil.looks(way, lasts_us=duration_s * SECOND_US, count=LOOKS):
        looks.append(look)
        print(look, flush=True)
    found = grown(looks)
    for what, (then, now) in found.items():
        print(f"  NOT FLAT: {what}: {then:,}, then {now:,}")
    return not found


def main(duration_s: int = 3_600, period_ms: int = 50) -> int:
    held = {
        f"{way}, {patience}": endure(way, patience, duration_s=duration_s, period_ms=period_ms)
        for patience in PATIENCES
        for way in WAYS
    }
    for told, flat in held.items():
        print(f"{'flat' if flat else 'NOT FLAT':>8}  {told}")
    return int(not all(held.values()))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
