"""Which providers we have carriers of."""

PROVIDERS = {"cloudonix": "offhook.adapters.cloudonix"}
"""The package of each provider's carrier, by the name that is stored and shown; the first is whoever is not known to be
another. An entry here and the package are all that a carrier takes."""
