"""The registry as a function (sans-IO): its state is a fold over the records of `_schemas`, an operation gives an answer and the
records that make it true.
"""
