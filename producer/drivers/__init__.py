"""Who owns clock, sockets and threads: the same engine, driven in real time."""
