"""Making something once for its Idempotency-Key, however often it is asked for."""
