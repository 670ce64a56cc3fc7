"""What happened to each record, which promise broke, and how that is told."""
