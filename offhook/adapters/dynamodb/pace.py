"""DialPace in DynamoDB."""

from offhook.adapters.dynamodb.database import Database


class DynamoDialPace:
    """Implements DialPace."""

    def __init__(self, database: Database) -> None:
        self._database = database
