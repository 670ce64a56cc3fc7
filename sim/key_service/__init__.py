"""A key service on a host of the simulated network, and the way of a client to it: asked over links that faults strike."""
