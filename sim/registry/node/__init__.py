"""A registry as a process on a host of the simulated cluster: its log is the topic `_schemas`, and one of several leads."""
