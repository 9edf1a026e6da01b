"""Speech engines and language models behind ports."""
