"""Makes, steers and shows campaigns over HTTP, with their contacts and what has become of them."""
