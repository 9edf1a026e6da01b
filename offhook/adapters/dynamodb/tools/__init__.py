"""Tools and credentials, which agents use."""
