"""Which providers we have carriers of."""

PROVIDERS = ("cloudonix",)
"""The name of a provider is what is stored and shown, and the name of its folder in `offhook/adapters`."""
