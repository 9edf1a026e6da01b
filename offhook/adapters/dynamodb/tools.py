"""ToolRepository in DynamoDB."""

from offhook.adapters.dynamodb.database import Database


class DynamoTools:
    """Implements ToolRepository."""

    def __init__(self, database: Database) -> None:
        self._database = database


class DynamoCredentials:
    """Implements CredentialRepository."""

    def __init__(self, database: Database) -> None:
        self._database = database
