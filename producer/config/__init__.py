"""Kafka's producer properties by their names: types, defaults, cross-checks, profiles, and the manual that is made of them."""
