"""What each room may do: explicit actions on named resources, one role per room.

`tests/infra/test_grants.py` holds this against what the rooms were seen to ask for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.config import Configuration
from infra.data import Data
from infra.findings import acknowledge
from infra.model_grants import acknowledge_regions, embedding_statements, model_statements
from infra.queues import Queues

RECORDINGS, CLIPS, KNOWLEDGE = "org/", "clips/", "knowledge/"
"""What the keys of the bucket begin with: of runs, of texts that agents say again and again, and of those that they read."""
UPLOADS, EXPORTS = "uploads/", "exports/"
"""Likewise: files of contacts that campaigns are to call, and of what has become of them."""
CLAIMS = "IDEMPOTENCY#"
"""What the partition keys of idempotency claims begin with, which lie in the runs table."""

_ITEM_ACTIONS = {
    "G": "GetItem",
    "B": "BatchGetItem",
    "Q": "Query",
    "P": "PutItem",
    "U": "UpdateItem",
    "D": "DeleteItem",
    "C": "ConditionCheckItem",
    "W": "BatchWriteItem",
}
_OBJECT_ACTIONS = {"G": "GetObject", "P": "PutObject", "D": "DeleteObject", "A": "AbortMultipartUpload"}
_SPEECH_ACTIONS = (
    "polly:SynthesizeSpeech",
    "transcribe:StartStreamTranscription",
    "transcribe:StartStreamTranscriptionWebSocket",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What a room does to tables and objects by the first letters of the actions (B, W: batches), to all else by name.

    After the letters of a table stand the indexes that the room queries. `claims_only` narrows the runs table down to
    idempotency claims. In the bucket, L lists: whoever reads objects that may be missing must be able to, or is told that
    it may not read. `sealed_for` is what sealed secrets are bound to beside their organization.
    """

    config: str = ""
    runs: str = ""
    events: str = ""
    claims_only: bool = False
    recordings: str = ""
    clips: str = ""
    knowledge: str = ""
    uploads: str = ""
    exports: str = ""
    seals: bool = False
    opens: bool = False
    sealed_for: str = "configuration"
    sends: tuple[str, ...] = ()
    consumes: str = ""
    speaks: bool = False
    asks_models: bool = False
    embeds: bool = False
    has_secret: bool = True

    @property
    def prefixes(self) -> Mapping[str, str]:
        """What the room does to the objects whose keys begin so."""
        of_all = {
            RECORDINGS: self.recordings,
            CLIPS: self.clips,
            KNOWLEDGE: self.knowledge,
            UPLOADS: self.uploads,
            EXPORTS: self.exports,
        }
        return {prefix: letters for prefix, letters in of_all.items() if letters}


RIGHTS: Mapping[str, Rights] = {
    "trigger": Rights(config="GQU", runs="GPUD", opens=True, sends=("dials", "aftercalls")),
    "runs": Rights(
        config="GQPU",
        runs="GQPUD gsi1 gsi2 gsi4",
        events="QW",
        recordings="GLD",
        opens=True,
        sends=("aftercalls",),
    ),
    "agents": Rights(config="GBQPUD gsi1", runs="GUD", claims_only=True),
    "api_keys": Rights(config="GQPUD", runs="GUD", claims_only=True),
    "organization": Rights(
        config="GBQPUDW", runs="GUD", claims_only=True, knowledge="GLPD", seals=True, sealed_for="credential"
    ),
    "sessions": Rights(
        config="GQBPU gsi1", runs="GBQPUD gsi1 gsi2", events="Q", opens=True, sends=("aftercalls",)
    ),
    "analytics": Rights(config="GU", runs="BQ"),
    "campaigns": Rights(config="GQPU", runs="GBQPUDW gsi3", uploads="GLP", exports="G", sends=("campaigns",)),
    "telephony": Rights(
        config="GQPUDC",
        runs="GBPUD",
        events="GQP",
        recordings="GLPD",
        seals=True,
        opens=True,
        sends=("aftercalls",),
    ),
    "docs": Rights(has_secret=False),
    "dialer": Rights(config="GQ", runs="BGPU", opens=True, sends=("dials", "aftercalls"), consumes="dials"),
    "aftercall": Rights(
        config="GQP",
        runs="BGPU",
        events="GQP",
        recordings="GL",
        opens=True,
        sealed_for="credential",
        sends=("aftercalls", "campaigns"),
        consumes="aftercalls",
        asks_models=True,
    ),
    "feeder": Rights(
        config="GQ",
        runs="BGQPUDW gsi3",
        uploads="GL",
        exports="PA",
        sends=("campaigns", "dials", "aftercalls"),
        consumes="campaigns",
    ),
    "reaper": Rights(
        config="GQP",
        runs="BGPUD gsi1 gsi3",
        events="GQPW",
        recordings="GLPD",
        opens=True,
        sends=("dials", "aftercalls"),
    ),
    "streamer": Rights(
        config="GBQU",
        runs="GQPUD",
        events="GQP",
        recordings="GLPD",
        clips="GLPD",
        knowledge="GLP",
        opens=True,
        sealed_for="configuration credential",
        sends=("aftercalls",),
        speaks=True,
        asks_models=True,
        embeds=True,
    ),
}


class Grants(Construct):
    """The roles of all rooms."""

    def __init__(
        self, scope: Construct, id_: str, *, config: Configuration, data: Data, queues: Queues
    ) -> None:
        super().__init__(scope, id_)
        self._config = config
        self._data = data
        self._queues = {name: work.queue for name, work in queues.by_name.items()}

    def function_role(self, room: str, log_group: logs.ILogGroup) -> iam.Role:
        """Return the role of a function, which writes its log itself."""
        writing = iam.PolicyStatement(
            actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[log_group.log_group_arn]
        )
        return self._role(room, "lambda.amazonaws.com", writing)

    def task_role(self, room: str) -> iam.Role:
        """Return the role of a task, whose log is written for it."""
        return self._role(room, "ecs-tasks.amazonaws.com")

    def _role(self, room: str, service: str, *more: iam.PolicyStatement) -> iam.Role:
        rights = RIGHTS[room]
        role = iam.Role(
            self,
            room.title().replace("_", ""),
            assumed_by=iam.ServicePrincipal(service),
            # In the role itself: what uses the role then waits for its rights.
            inline_policies={"Room": iam.PolicyDocument(statements=[*self._statements(rights), *more])},
        )
        for prefix in rights.prefixes:
            acknowledge(
                role,
                f"AwsSolutions-IAM5[Resource::<{_logical_id(self._data.media)}.Arn>/{prefix}*]",
                "Objects of all runs, agents and organizations, which come and go.",
            )
        if rights.asks_models:
            acknowledge_regions(role, self._config)
        if rights.speaks:
            acknowledge(
                role,
                "AwsSolutions-IAM5[Resource::*]",
                "Transcribe's streams and Polly's speech are no resources that a policy could name.",
            )
        return role

    def _statements(self, rights: Rights) -> Iterator[iam.PolicyStatement]:
        yield from _table(self._data.config_table, rights.config)
        yield from _table(self._data.runs_table, rights.runs, CLAIMS if rights.claims_only else "")
        yield from _table(self._data.events_table, rights.events)
        yield from self._objects(rights)
        yield from self._sealing(rights)
        yield from self._messages(rights)
        if rights.has_secret:
            yield _allow("secretsmanager:GetSecretValue", on=self._data.secret.secret_arn)
        if rights.speaks:
            yield _allow(*_SPEECH_ACTIONS, on="*")
        if rights.asks_models:
            yield from model_statements(self._config, Stack.of(self))
        if rights.embeds:
            yield from embedding_statements(self._config, Stack.of(self))

    def _objects(self, rights: Rights) -> Iterator[iam.PolicyStatement]:
        bucket, letters_of_all = self._data.media, "".join(rights.prefixes.values())
        for prefix, letters in rights.prefixes.items():
            if actions := [f"s3:{_OBJECT_ACTIONS[each]}" for each in letters if each != "L"]:
                yield _allow(*actions, on=bucket.arn_for_objects(f"{prefix}*"))
        if "L" in letters_of_all:
            # Without a prefix as its condition: who reads a missing object names none, and would be refused.
            yield _allow("s3:ListBucket", on=bucket.bucket_arn)
        if self._config.media_kms and letters_of_all:
            yield self._objects_key(letters_of_all)

    def _objects_key(self, letters: str) -> iam.PolicyStatement:
        """Let S3 use the key for the room, and nobody else."""
        # The parts of an upload are opened when they are joined.
        actions = {"G": "kms:Decrypt", "A": "kms:Decrypt", "P": "kms:GenerateDataKey"}
        stack = Stack.of(self)
        through_s3 = {"StringEquals": {"kms:ViaService": f"s3.{stack.region}.{stack.url_suffix}"}}
        needed = dict.fromkeys(action for letter, action in actions.items() if letter in letters)
        return _allow(*needed, on=self._data.key.key_arn, only_if=through_s3)

    def _sealing(self, rights: Rights) -> Iterator[iam.PolicyStatement]:
        actions = [
            *(["kms:Encrypt"] if rights.seals else []),
            *(["kms:Decrypt"] if rights.opens else []),
        ]
        if actions:
            for sealed_for in rights.sealed_for.split():
                names = ["organization", sealed_for]
                bound = {
                    "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": names},
                    # All values of none are anything: both must be there.
                    "Null": {f"kms:EncryptionContext:{name}": "false" for name in names},
                }
                yield _allow(*actions, on=self._data.key.key_arn, only_if=bound)

    def _messages(self, rights: Rights) -> Iterator[iam.PolicyStatement]:
        for name in rights.sends:
            yield _allow("sqs:SendMessage", on=self._queues[name].queue_arn)
        if rights.consumes:
            # Used by Lambda itself, which brings the messages.
            actions = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
            yield _allow(*actions, on=self._queues[rights.consumes].queue_arn)


def _table(table: dynamodb.Table, rights: str, only_keys: str = "") -> Iterator[iam.PolicyStatement]:
    letters, *indexes = rights.split() or [""]
    if letters:
        # With no key in the request, all of none would be as allowed.
        of_keys = {
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{only_keys}*"]},
            "Null": {"dynamodb:LeadingKeys": "false"},
        }
        actions = [f"dynamodb:{_ITEM_ACTIONS[letter]}" for letter in letters]
        yield _allow(*actions, on=table.table_arn, only_if=of_keys if only_keys else None)
    if indexes:
        yield iam.PolicyStatement(
            actions=["dynamodb:Query"], resources=[f"{table.table_arn}/index/{name}" for name in indexes]
        )


def _allow(*actions: str, on: str, only_if: Mapping[str, object] | None = None) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=list(actions), resources=[on], conditions=only_if)


def _logical_id(construct: Construct) -> str:
    resource = construct.node.default_child
    return str(Stack.of(construct).get_logical_id(resource))  # type: ignore[arg-type]
