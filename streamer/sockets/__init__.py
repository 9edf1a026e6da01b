"""The media sockets: server, handshake, frames, limits for strangers, close codes."""
