"""Tools, credentials and documents, which agents use."""
