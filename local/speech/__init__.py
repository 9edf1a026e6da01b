"""Offline speech as a server of its own: a recogniser and a synthesiser behind two WebSockets."""
