"""Thousands of saves, by editors and tools, of the modules of a running game."""
