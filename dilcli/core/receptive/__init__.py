"""Receptive fields: layers and their grammar, networks, exact arithmetic; standard library only."""
