"""What every HTTP function does alike: routes, authentication, bodies, errors, idempotency, request ids, pagination."""
