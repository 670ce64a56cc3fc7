"""Shared defaults: producer properties by organisation, team, environment and application, some of them locked."""
