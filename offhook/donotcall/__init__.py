"""Whom an organization does not call, who has said so, and why."""
