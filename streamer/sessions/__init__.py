"""The session socket: who watches and steers a live run, from whichever task."""
