"""The model file: an economic model as a text that anyone can read and run again.

`parse.model_of` turns a mapping, as TOML gives it, into a `schema.Model`, or says in one message what is wrong with
it. Nothing here reads files or computes results; `quantity` holds the numbers that are uncertain, each with its
interval and source.
"""
