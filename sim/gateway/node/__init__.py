"""The gateway on a host of the simulated network, in virtual time: the sessions of `core`, between streams that faults strike."""
