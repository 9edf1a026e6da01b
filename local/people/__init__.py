"""Who answers the simulated carrier's calls: callers, what they say, and which number is whose."""
