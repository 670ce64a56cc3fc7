"""What an Avro schema says: its types with their full names, and the same in a text that is one for all layouts.

The rules are those of the Avro specification 1.12 ("Schema Declaration", "Names"); who writes and reads records by it is
fastavro.
"""
