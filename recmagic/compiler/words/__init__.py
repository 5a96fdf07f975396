"""Our own words for values, one a file: what a cell says about columns."""
