"""Runs are the durable record of what agents did, each with its event log."""
