"""The examples in an OpenAPI document: reading them, and making them whole."""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]


def restore_nulls(schemas: dict[str, Schema]) -> None:
    """Complete the examples of all schemas by their required properties that may be null: FastAPI drops nulls."""
    for schema in schemas.values():
        if "examples" in schema:
            schema["examples"] = [_completed(example, schema, schemas) for example in schema["examples"]]


def parameter_example(parameter: dict[str, Any]) -> str:
    """Return the example of a parameter, or its name in braces where it has none."""
    schema = parameter.get("schema", {})
    known = [*schema.get("examples", []), f"{{{parameter['name']}}}"]
    return str(parameter.get("example", known[0]))


def content_example(document: dict[str, Any], content: dict[str, Any]) -> Any:
    """Return the first example of a body, its own or that of the schema that it names; None where there is none."""
    if "example" in content:
        return content["example"]
    schema = _resolved(content.get("schema", {}), document["components"]["schemas"])
    return next(iter(schema.get("examples", [])), None)


def _completed(value: Any, schema: Schema, schemas: dict[str, Schema]) -> Any:
    schema = _resolved(schema, schemas)
    if isinstance(value, list):
        return [_completed(each, schema.get("items", {}), schemas) for each in value]
    if not isinstance(value, dict):
        return value
    properties = schema.get("properties", {})
    missing = [
        name for name in schema.get("required", []) if name not in value and _may_be_null(properties[name])
    ]
    known = {name: _completed(each, properties.get(name, {}), schemas) for name, each in value.items()}
    return known | dict.fromkeys(missing)


def _resolved(schema: Schema, schemas: dict[str, Schema]) -> Schema:
    """Return the schema that a reference names, or the one that stands beside null."""
    for each in _alternatives(schema):
        if each.get("type") != "null":
            return schemas.get(each.get("$ref", "").rpartition("/")[2], each)
    return schema


def _may_be_null(schema: Schema) -> bool:
    return any(each.get("type") == "null" for each in _alternatives(schema))


def _alternatives(schema: Schema) -> Iterator[Schema]:
    yield from schema.get("anyOf", [schema])
