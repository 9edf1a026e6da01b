"""What is done: each function is an action of the table, and each file has those of one matter."""
