"""What the product is about: the nouns that every room shares, and the adapters they live on."""
