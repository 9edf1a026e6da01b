"""What agents can look up during a call: texts of an organization, cut into passages."""
