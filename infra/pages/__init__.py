"""The pages of `web/` on AWS: a bucket behind the edge, and what fills it."""
