"""What the offhook command does to an install, here or deployed: REST, calls in, the demo, the live view."""
