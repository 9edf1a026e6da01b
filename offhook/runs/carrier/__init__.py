"""What the carrier does to runs, and runs to the carrier's calls: status, incoming calls, hang-up, transfers, continuing."""
