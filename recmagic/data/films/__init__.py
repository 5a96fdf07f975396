"""The embedded default data set: a film club, simulated from a seed; `sources/films.py` loads it."""
