"""Life cycles, one a file, each with its table of transitions at the top."""
