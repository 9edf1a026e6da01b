"""SignInCodes in DynamoDB.

code   config table, pk `SIGNIN#<hash>`, sk `CODE`; removed when it is taken, else gone by `ttl`
"""

from offhook.adapters.dynamodb.items.database import Database, Item
from offhook.adapters.dynamodb.items.mapping import ModelItem, attributes, to_model
from offhook.adapters.dynamodb.tables import CONFIG_TABLE
from offhook.organizations.sign_in import SignInCode

_SK = "CODE"


class SignInCodeItem(ModelItem):
    """A code that was not used yet."""

    TABLE = CONFIG_TABLE
    KIND = "sign-in-code"
    MODEL = SignInCode


class DynamoSignInCodes:
    """Implements SignInCodes."""

    def __init__(self, database: Database) -> None:
        self._codes = database.items(SignInCodeItem)

    def add(self, code: SignInCode) -> None:
        told = attributes(SignInCodeItem, code)
        self._codes.put(self._codes.new(_pk(code.hash), _SK, **told, ttl=code.expires_at))

    def take(self, code_hash: str) -> SignInCode | None:
        item = self._codes.get(_pk(code_hash), _SK)
        # A reply that was lost costs the code: another is made with one command, where one that is good twice is none.
        if item is None or not self._codes.remove(item.pk, item.sk, Item.pk.exists()):
            return None
        return to_model(SignInCode, item)


def _pk(code_hash: str) -> str:
    return f"SIGNIN#{code_hash}"
