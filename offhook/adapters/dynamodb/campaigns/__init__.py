"""Campaigns, with their contacts, and how often a number was called."""
