"""The REST API, in the carrier's own words, and what the simulator has beside it."""
