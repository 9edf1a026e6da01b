"""Shows runs, their events, recordings and transcripts over HTTP; ends and deletes runs."""
