"""Workflows are the graphs of nodes and edges that agents follow."""

from offhook.workflows.definition import Edge, Node, NodeType, Workflow, parse_workflow
from offhook.workflows.phrases import Phrase, match, phrases_of
from offhook.workflows.templates import TemplateContext, render

__all__ = [
    "Edge",
    "Node",
    "NodeType",
    "Phrase",
    "TemplateContext",
    "Workflow",
    "match",
    "parse_workflow",
    "phrases_of",
    "render",
]
