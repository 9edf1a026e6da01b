"""The call as a machine without I/O: what was heard goes in, what to do comes out."""
