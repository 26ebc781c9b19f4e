"""A value that fits a JSON Schema: arguments for a tool, an answer in a form."""

from collections.abc import Mapping
from typing import Any

OF_TYPE: dict[str, Any] = {
    "array": [],
    "boolean": True,
    "integer": 1,
    "null": None,
    "number": 1,
    "string": "text",
}


def example(schema: Mapping[str, Any]) -> Any:
    """A value for this schema: the default if it has one, else the first that it allows, else any of its type.

    An object gets all the properties that the schema names.
    """
    for word in ("default", "const"):
        if word in schema:
            return schema[word]
    if schema.get("enum"):
        return schema["enum"][0]
    if schema.get("type") in OF_TYPE:
        return OF_TYPE[schema["type"]]
    return {name: example(of) for name, of in schema.get("properties", {}).items()}
