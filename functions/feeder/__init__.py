"""Has campaigns call whom they may call now."""
