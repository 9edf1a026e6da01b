"""The durable side of a call: its log (`event_writer`), its lease (`possession`), recording's upload, transfers, row."""
