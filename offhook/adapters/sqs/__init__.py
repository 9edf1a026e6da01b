"""Queues of work on SQS."""
