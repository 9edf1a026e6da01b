"""Audio and transcripts on S3."""
