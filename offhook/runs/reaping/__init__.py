"""What the reaper does for runs that nobody looks after any more."""
