"""The durable side of a call: log, lease, recording's upload, transfers, row."""
