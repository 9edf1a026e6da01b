"""Telephones at the far end, with what is heard on them, and the rooms in which they hear each other."""
