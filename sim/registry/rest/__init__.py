"""Confluent's REST API: requests and answers as values, and as HTTP's bytes."""
