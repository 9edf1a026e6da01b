"""Campaigns: calls that an agent makes to many people, each as often as its outcomes ask for."""
