"""Ledgers in DynamoDB."""

from offhook.adapters.dynamodb.database import Database


class DynamoLedgers:
    """Implements Ledgers."""

    def __init__(self, database: Database) -> None:
        self._database = database
