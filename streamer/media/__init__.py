"""The media stream as a protocol without I/O: messages of the carrier to events and back."""
