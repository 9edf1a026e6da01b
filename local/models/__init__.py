"""Language models of this machine: Converse and chat completions over their real protocols, following a script."""
