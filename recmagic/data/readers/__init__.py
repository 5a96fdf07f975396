"""Readers of tables: a notebook variable, files, databases, and archives from their owners."""
