"""What tests share: servers, fixtures, makers of values."""
