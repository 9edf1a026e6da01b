"""The install secret, kept by AWS Secrets Manager."""
