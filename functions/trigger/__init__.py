"""Starts outbound calls over HTTP."""
