"""What holds at every moment of a run, one invariant a file. A breach is a bug of ours, never a verdict.

They look at the files on the disks and into the brokers' memory; of the trace they take only when to look.
"""

from sim.judges.invariants.breach import Breach, InvariantError
from sim.judges.invariants.chronicle import GivenUp
from sim.judges.invariants.watch import INVARIANTS, NAMES, Watch

__all__ = ["INVARIANTS", "NAMES", "Breach", "GivenUp", "InvariantError", "Watch"]
