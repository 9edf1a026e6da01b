"""Measurements of the streamer: `python -m benchmarks.load` and `python -m benchmarks.idle`."""
