"""The analytics function: what an organization's runs add up to."""
