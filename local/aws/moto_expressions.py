"""moto's expressions at the price of what they say: it reads each anew, and checks it whole for every part of it.

Written against moto 5.2; when an update breaks something here, tests/system/test_embedded_aws.py says so.
"""

# What moto declares of its insides is less than what it has.
# mypy: disable-error-code="assignment, attr-defined, method-assign, no-any-return"

import pickle
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from moto.dynamodb import models
from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.parsing import validators
from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser, Node
from moto.dynamodb.parsing.expressions import UpdateExpressionParser
from moto.dynamodb.parsing.validators import ActionCountValidator, OverlappingPathsValidator

Processor = Callable[[Any], Any]

# Values are not in them: a product that writes has a few dozen.
_KNOWN_EXPRESSIONS = 1000
_words_of = ConditionExpressionParser._lex_condition_expression  # noqa: SLF001 (this file is where we know)


def mend_expressions() -> None:
    """Have an update cost a third, and a condition half; it holds for the whole process."""
    ConditionExpressionParser._lex_condition_expression = lambda parser: deque(  # noqa: SLF001
        _known_words(parser.condition_expression)
    )
    ConditionExpressionParser.parse = _once_for_each_request(ConditionExpressionParser.parse)
    # What is read is copied before it is changed.
    UpdateExpressionParser.make = lru_cache(_KNOWN_EXPRESSIONS)(UpdateExpressionParser.make)
    validators.deepcopy = _copied
    DepthFirstTraverser.traverse = _traverse
    # Both look at all that lies below a part, so that the whole is enough.
    ActionCountValidator.traverse = OverlappingPathsValidator.traverse = _look_at_the_whole
    # Of an item it keeps a copy for streams, which no table has here; of a table for its rollback, see moto_backends.
    models.copy = SimpleNamespace(deepcopy=lambda value: value)


@lru_cache(_KNOWN_EXPRESSIONS)
def _known_words(condition: str) -> tuple[Any, ...]:
    return tuple(_words_of(ConditionExpressionParser(condition, None, None)))


def _once_for_each_request(parse: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Read the condition of a request once: moto does so to see what it names, and again to see whether it is met."""
    latest: tuple[Any, ...] = (object(), None, None)

    def read(parser: Any) -> Any:
        nonlocal latest
        condition, names, values, *known = latest
        its = (
            parser.condition_expression,
            parser.expression_attribute_names,
            parser.expression_attribute_values,
        )
        if condition != its[0] or names is not its[1] or values is not its[2]:
            known = [parse(parser), parser.expr_attr_names_found, parser.expr_attr_values_found]
            latest = (*its, *known)
        parsed, parser.expr_attr_names_found, parser.expr_attr_values_found = known
        return parsed

    return read


def _copied(value: Any) -> Any:
    """Copy an expression, or what it works on, in a quarter of the time that deepcopy takes."""
    return pickle.loads(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))  # noqa: S301 (it was ours a moment ago)


def _look_at_the_whole(self: Any, root: Node) -> Node:
    (check,) = self._processing_map().values()
    return check(root)


def _traverse(self: Any, root: Node) -> Node:
    """Process a tree from its leaves up, as moto does, and look up only once what a kind of node is processed by."""
    processors: dict[type[Node], Processor] = self._processing_map()
    known: dict[type, Processor | None] = {}
    prepares = type(self).pre_processing_of_child is not DepthFirstTraverser.pre_processing_of_child

    def visit(node: Any, place: int) -> Any:
        if not hasattr(node, "children"):
            return node
        for child_place, child in enumerate(node.children or ()):
            if prepares:
                self.pre_processing_of_child(node, child_place)
            visit(child, child_place)
        kind = type(node)
        if kind not in known:
            known[kind] = next((p for base, p in processors.items() if issubclass(kind, base)), None)
        process, parent = known[kind], node.parent
        if process is not None:
            node = process(node)
            node.parent = parent
            if parent:
                parent.children[place] = node
        return node

    return visit(root, -1)
