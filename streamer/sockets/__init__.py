"""The media sockets: server, handshake, frames, close codes."""
