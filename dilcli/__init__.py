"""Dilated (à trous) filtering of image files, and receptive fields."""
