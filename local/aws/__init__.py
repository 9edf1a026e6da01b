"""The embedded AWS: moto's server with a journal, in a process of its own, and the event sources of the functions."""
