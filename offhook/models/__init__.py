"""Language models: what they are asked, what they answer, and what every one of them accepts."""
