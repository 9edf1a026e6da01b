"""What stands in front of everything: one hostname for REST and sockets."""
