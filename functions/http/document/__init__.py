"""The published document, and the page that shows it."""
