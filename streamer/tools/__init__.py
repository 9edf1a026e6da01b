"""What carries out the tools that language models call during a call."""
