"""Where alarms are told: a topic, and whoever is to read it by e-mail."""

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk.aws_sns_subscriptions import EmailSubscription
from constructs import Construct

from infra.findings import acknowledge


def alarm_topic(scope: Construct, email: str) -> sns.Topic:
    """Return the topic; without an address nobody is subscribed yet."""
    topic = sns.Topic(scope, "Topic", display_name="Offhook", enforce_ssl=True)
    # With a policy of its own a topic forgets that its account may publish.
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["sns:Publish"],
            principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
        )
    )
    if email:
        topic.add_subscription(EmailSubscription(email))
    acknowledge(topic, "AwsSolutions-SNS2", "Alarms name parts of the stack, and nothing of calls.")
    return topic
