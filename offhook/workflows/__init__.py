"""Workflows are the graphs of nodes and edges that agents follow."""

from offhook.workflows.definition import (
    Edge,
    Gather,
    Happening,
    Node,
    NodeData,
    NodeType,
    Transfer,
    TransferMode,
    Workflow,
)
from offhook.workflows.graph import is_trigger_path
from offhook.workflows.phrases import Phrase, Phrasebook, match, phrases_of
from offhook.workflows.templates import TemplateContext, render
from offhook.workflows.validation import (
    ProblemKind,
    WorkflowProblem,
    invalid_workflow,
    parse_workflow,
    workflow_problems,
)

__all__ = [
    "Edge",
    "Gather",
    "Happening",
    "Node",
    "NodeData",
    "NodeType",
    "Phrase",
    "Phrasebook",
    "ProblemKind",
    "TemplateContext",
    "Transfer",
    "TransferMode",
    "Workflow",
    "WorkflowProblem",
    "invalid_workflow",
    "is_trigger_path",
    "match",
    "parse_workflow",
    "phrases_of",
    "render",
    "workflow_problems",
]
