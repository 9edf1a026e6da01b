"""What callers say for an e-mail address, a telephone number, a name, a date, a number or an address: understood and said back, without a model."""
