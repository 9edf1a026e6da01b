"""CXML without I/O: documents, and the verbs that they become."""
