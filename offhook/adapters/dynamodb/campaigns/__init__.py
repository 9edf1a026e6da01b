"""Campaigns, with their contacts, and who may be called."""
