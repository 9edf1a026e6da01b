"""Where a call stands: its course, and what each part of it keeps, of the caller, of the agent and of what is under way."""
