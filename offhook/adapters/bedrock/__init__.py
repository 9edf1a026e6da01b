"""Amazon Bedrock's Converse API through the SDK."""
