"""The speech engines of every install: offline ones."""
