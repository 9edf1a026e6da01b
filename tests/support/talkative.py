"""A child that is ready, and then prints more than a pipe holds."""

import sys

sys.stdout.write("{}\n")
sys.stdout.flush()
for _ in range(5_000):
    sys.stdout.write(f"{'x' * 79}\n")
