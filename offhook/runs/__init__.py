"""Runs are the durable record of what agents did, each with its event log; `ledger` says how many may live at once."""
