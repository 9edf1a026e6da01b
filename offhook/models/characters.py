"""Characters, as models write them: JSON can hold half of one."""


def whole(text: str) -> str:
    """Return the text with `?` for each half of a character, which can be neither stored nor spoken."""
    return text.encode(errors="replace").decode()
