"""A Cloudonix on this machine: its REST API, its CXML interpreter, its media sockets."""
