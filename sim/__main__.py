"""`python -m sim` is `acklab`."""

from sim.cli import main

main()
