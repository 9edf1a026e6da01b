"""Reading the documents that say what tools do."""

from pydantic import ValidationError

from offhook.addresses import AddressPolicy
from offhook.documents import sentence
from offhook.errors import FieldProblem, InvalidInputError
from offhook.json_types import JsonObject
from offhook.tools.form_problems import form_problems
from offhook.tools.forms import (
    CalculatorDefinition,
    EndCallDefinition,
    HandoffDefinition,
    HttpApiDefinition,
    McpDefinition,
    ScheduleCallbackDefinition,
    ToolDefinition,
    TransferCallDefinition,
)
from offhook.tools.model import Tool, ToolCategory

FORMS: dict[ToolCategory, type[ToolDefinition]] = {
    ToolCategory.HTTP_API: HttpApiDefinition,
    ToolCategory.END_CALL: EndCallDefinition,
    ToolCategory.TRANSFER_CALL: TransferCallDefinition,
    ToolCategory.HANDOFF: HandoffDefinition,
    ToolCategory.CALCULATOR: CalculatorDefinition,
    ToolCategory.SCHEDULE_CALLBACK: ScheduleCallbackDefinition,
    ToolCategory.MCP: McpDefinition,
}


def read_definition(category: ToolCategory, document: JsonObject, addresses: AddressPolicy) -> JsonObject:
    """Return the document with its defaults filled in; raise InvalidInputError that names each problem in it."""
    definition = _read(category, document)
    problems = [_problem(loc, msg) for loc, msg in form_problems(definition, addresses)]
    if problems:
        raise _invalid(problems)
    return definition.model_dump(mode="json")


def stored_definition(tool: Tool) -> ToolDefinition:
    """Return what a stored tool does; raise InvalidInputError for one that can't be read any more."""
    return _read(tool.category, tool.definition)


def _read(category: ToolCategory, document: JsonObject) -> ToolDefinition:
    try:
        return FORMS[category].model_validate(document)
    except ValidationError as error:
        problems = [_problem(found["loc"], sentence(found)) for found in error.errors(include_input=False)]
        raise _invalid(problems) from None


def _problem(loc: tuple[str | int, ...], msg: str) -> FieldProblem:
    return FieldProblem(loc=("definition", *loc), msg=msg)


def _invalid(problems: list[FieldProblem]) -> InvalidInputError:
    where = ".".join(str(part) for part in problems[0].loc)
    more = f" ({len(problems) - 1} more in errors)" if len(problems) > 1 else ""
    return InvalidInputError(f"{where}: {problems[0].msg}{more}", problems=problems)
