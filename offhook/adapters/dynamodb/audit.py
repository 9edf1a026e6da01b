"""AuditLog in DynamoDB."""

from offhook.adapters.dynamodb.database import Database


class DynamoAuditLog:
    """Implements AuditLog."""

    def __init__(self, database: Database) -> None:
        self._database = database
