"""Two runs of one story side by side: what in either is the same thing, where they part for a reason, and how to say so."""
