"""IdempotencyKeys in DynamoDB."""

from offhook.adapters.dynamodb.database import Database


class DynamoIdempotencyKeys:
    """Implements IdempotencyKeys."""

    def __init__(self, database: Database) -> None:
        self._database = database
