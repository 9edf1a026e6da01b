"""Runs: their rows and logs, the ledger of those that live, what they add up to, and what waits for them."""
