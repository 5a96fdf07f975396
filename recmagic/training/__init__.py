"""Training: runs of many epochs, told as events, kept as a history."""
