"""Secrets sealed by AWS KMS."""
