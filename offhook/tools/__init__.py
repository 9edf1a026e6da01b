"""Tools that an agent may use during a call, and the credentials that they present."""
