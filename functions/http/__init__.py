"""What every HTTP function does alike: errors, authentication, request ids, pagination."""
