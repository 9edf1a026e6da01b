"""A run's event log, and what it adds up to."""
