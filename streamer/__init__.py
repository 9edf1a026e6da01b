"""The Fargate service that terminates the carrier's media WebSocket and talks with the caller."""
