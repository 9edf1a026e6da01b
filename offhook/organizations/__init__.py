"""Organizations own everything; their API keys open the door."""
