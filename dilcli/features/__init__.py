"""The story of each command, for a Python caller."""
