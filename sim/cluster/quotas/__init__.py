"""What clients are allowed: quotas by user and client id, how they are counted, and how long who exceeds them has to wait."""
