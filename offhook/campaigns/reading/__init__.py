"""Reading contacts as people keep them: files of any size, and rows of any quality."""
