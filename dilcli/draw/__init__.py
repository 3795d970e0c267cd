"""Captions, colours and figures: arrays and plain values in, pixel arrays out."""
