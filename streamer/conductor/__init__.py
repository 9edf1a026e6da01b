"""The asyncio shell of a call: audio and events to the machine, its commands to engines and playout."""
