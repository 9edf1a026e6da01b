"""The streamer on Fargate."""
