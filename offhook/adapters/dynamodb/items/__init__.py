"""What is done with any item: one client for all tables, how fields lie in attributes, and why a write was refused."""
