"""Data for the pages of `docs/systems/`: what is written by hand because no declaration says it."""
