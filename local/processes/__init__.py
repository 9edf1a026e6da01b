"""Child processes: started together, served, and ended with their parent."""
