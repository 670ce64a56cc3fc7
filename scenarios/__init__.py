"""The stories: one question a file, read aloud in a minute, found by name (`acklab run acks_one_leader_crash`)."""
