"""What sessions keep beside their runs: deployments of agents, and letters to whoever holds a call."""
