"""Transcribe and Polly on this machine, in their real protocols, with every failure that a test asks for."""
