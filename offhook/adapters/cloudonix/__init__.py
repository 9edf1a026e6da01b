"""The Cloudonix REST API."""
