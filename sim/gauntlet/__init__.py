"""One story, and the client libraries of others in the place of our producer: who loses, doubles, reorders, hangs."""
