"""How an outbound call comes about: its order, its admission, its place in the queue, its dial."""
