"""From a spec and the columns to Keras towers and a scorer."""
