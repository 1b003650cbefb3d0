"""What the three packages offer says what it takes and gives: each public name has the sections that it needs."""

import ast
import inspect
import re
from functools import cache
from importlib import import_module

import keras
import pytest

PACKAGES = ("model", "embedded", "explain")
PUBLIC = [(package, name) for package in PACKAGES for name in import_module(package).__all__]
SECTIONS = ("Args", "Attributes", "Call arguments", "Returns", "Raises", "Examples", "Reference")


def sections(text: str) -> dict[str, str]:
    """The sections of a Google-style docstring by their headings, each with what is indented below it."""
    found = re.split(rf"^({'|'.join(SECTIONS)}):", inspect.cleandoc(text), flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


def named(text: str) -> set[str]:
    """The parameters and attributes that a docstring explains."""
    parts = sections(text)
    lines = "\n".join(parts.get(heading, "") for heading in ("Args", "Attributes"))
    return set(re.findall(r"^    (\w+):\s+\S", lines, re.MULTILINE))


def taken(value) -> set[str]:
    """The parameters that a caller may give by name; a layer's `**kwargs` are those of every Keras layer."""
    if isinstance(value, type) and issubclass(value, Exception):
        return set()
    variable = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return {each.name for each in inspect.signature(value).parameters.values() if each.kind not in variable}


@cache
def constants(module: str) -> dict[str, str]:
    """The names that a module assigns, with the docstring below each, empty where there is none."""
    body = ast.parse(inspect.getsource(import_module(module))).body
    found = {}
    for node, after in zip(body, [*body[1:], None], strict=True):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        told = (
            isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str)
        )
        for target in targets:
            if isinstance(target, ast.Name):
                found[target.id] = after.value.value if told else ""
    return found


def home_of(package: str, name: str) -> str:
    """The module that defines a public name: `__init__` of a folder hands some on."""
    module = f"{package}.{import_module(package)._HOME[name]}"
    while name not in constants(module):
        tree = ast.parse(inspect.getsource(import_module(module)))
        homes = [
            node.module
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and name in [alias.name for alias in node.names]
        ]
        (module,) = homes
    return module


@pytest.mark.parametrize(("package", "name"), PUBLIC, ids=[f"{package}.{name}" for package, name in PUBLIC])
def test_a_public_name_says_what_it_takes_and_gives(package, name):
    value = getattr(import_module(package), name)
    if not isinstance(value, type) and not inspect.isroutine(inspect.unwrap(value) if callable(value) else value):
        assert constants(home_of(package, name))[name], "a constant has a docstring below it"
        return
    texts = [value.__doc__]
    if isinstance(value, type):  # what a class inherits is explained where it is defined
        texts = [
            each.__dict__.get("__doc__") or "" for each in value.__mro__ if each.__module__.split(".")[0] in PACKAGES
        ]
    assert texts[0]
    assert taken(value) <= set.union(*map(named, texts)), "each parameter has a line under Args or Attributes"
    given = set(sections(texts[0]))
    if not isinstance(value, type):
        yields_none = inspect.isgeneratorfunction(inspect.unwrap(value))  # something to be used in `with`
        assert "Returns" in given or yields_none or inspect.signature(value).return_annotation is None
    elif issubclass(value, (keras.Layer, keras.Loss)):
        assert {"Call arguments", "Returns", "Reference"} <= given


def test_a_function_that_refuses_says_so():
    """Whatever raises in its own body has a section on it."""
    for package, name in PUBLIC:
        value = getattr(import_module(package), name)
        if inspect.isfunction(value) and re.search(r"^    +raise ", inspect.getsource(value), re.MULTILINE):
            assert "Raises" in sections(value.__doc__), f"{package}.{name}"
