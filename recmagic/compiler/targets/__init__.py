"""What a cell may predict, one word a file."""
