"""Speech of the simulated callers, and the script that makes it."""
