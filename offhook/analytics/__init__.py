"""What an organization's runs add up to: counters that each run is added to once, when it ends, and questions to them."""
