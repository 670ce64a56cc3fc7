"""The gateway on TCP, in real time."""
