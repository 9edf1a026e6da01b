"""How a run ends, and what is owed after it: row, ledger, callback, recording, price, deletion."""
