"""Repositories and the event log on DynamoDB."""
