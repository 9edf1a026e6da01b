"""The queues of the stack."""

from tests.support.stack import Template


def test_a_message_that_fails_five_times_is_kept_for_two_weeks(template: Template) -> None:
    for name in ("QueuesDials", "QueuesAftercalls", "QueuesCampaigns"):
        redrive = template.named("AWS::SQS::Queue", f"{name}Queue")["RedrivePolicy"]
        assert redrive["maxReceiveCount"] == 5
        assert redrive["deadLetterTargetArn"]["Fn::GetAtt"][0].startswith(f"{name}DeadLetters")
        assert (
            template.named("AWS::SQS::Queue", f"{name}DeadLetters")["MessageRetentionPeriod"]
            == 14 * 24 * 3600
        )


def test_queues_are_encrypted_and_reached_over_tls_only(template: Template) -> None:
    assert [queue["SqsManagedSseEnabled"] for queue in template.properties("AWS::SQS::Queue")] == [True] * 6
    policies = template.properties("AWS::SQS::QueuePolicy")
    denied = [policy["PolicyDocument"]["Statement"][0] for policy in policies]
    assert len(denied) == 6
    for statement in denied:
        assert statement["Effect"] == "Deny"
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
