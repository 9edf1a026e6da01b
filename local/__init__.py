"""Everything from one command on one machine: embedded AWS, offline speech, a simulated carrier and caller."""
