"""Workflows are the graphs of nodes and edges that agents follow. A new kind of node is a file in `nodes` and a line there."""

from offhook.vocabulary import Happening, TransferMode
from offhook.workflows.definition import Edge, Workflow
from offhook.workflows.errands import (
    Capture,
    CaptureType,
    Gather,
    Handoff,
    SendDigits,
    Transfer,
)
from offhook.workflows.nodes import CallBack, Step, StepData, TriggerNode, Variable, is_trigger_path
from offhook.workflows.phrases import Phrase, Phrasebook, match, phrases_of
from offhook.workflows.templates import TemplateContext, render, render_document
from offhook.workflows.validation import (
    ProblemKind,
    WorkflowProblem,
    invalid_workflow,
    parse_workflow,
    workflow_problems,
    workflow_warnings,
)

__all__ = [
    "CallBack",
    "Capture",
    "CaptureType",
    "Edge",
    "Gather",
    "Handoff",
    "Happening",
    "Phrase",
    "Phrasebook",
    "ProblemKind",
    "SendDigits",
    "Step",
    "StepData",
    "TemplateContext",
    "Transfer",
    "TransferMode",
    "TriggerNode",
    "Variable",
    "Workflow",
    "WorkflowProblem",
    "invalid_workflow",
    "is_trigger_path",
    "match",
    "parse_workflow",
    "phrases_of",
    "render",
    "render_document",
    "workflow_problems",
    "workflow_warnings",
]
