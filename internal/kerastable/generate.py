"""Writes keras.json: what real Keras's public names are and what arguments they take.

    pip install keras jax
    KERAS_BACKEND=jax python internal/kerastable/generate.py

It reads the installed package by inspection and, for what only the source says (which arguments a
constructor hands on to its base class, which flags it sets on itself), by its syntax tree. Nothing
is built and no text of Keras's documentation is copied. doc.go says what the fields mean.
"""

import ast
import functools
import importlib
import inspect
import json
import os
import pathlib
import textwrap
import types

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras  # noqa: E402
from keras import _tf_keras  # noqa: E402
from keras.src.utils.python_utils import is_default  # noqa: E402

# The kinds, each with the public module that lists its names, and the base class.
KINDS = {
    "layer": ("layers", keras.Layer),
    "loss": ("losses", keras.Loss),
    "metric": ("metrics", keras.Metric),
    "optimizer": ("optimizers", keras.Optimizer),
    "schedule": ("optimizers.schedules", keras.optimizers.schedules.LearningRateSchedule),
    "callback": ("callbacks", keras.callbacks.Callback),
    "initializer": ("initializers", keras.Initializer),
    "regularizer": ("regularizers", keras.Regularizer),
    "constraint": ("constraints", keras.constraints.Constraint),
    "activation": ("activations", None),
    "application": ("applications", None),
    "operation": ("ops", None),
}

# The same three functions of every module, which are no parts.
GENERIC = {"serialize", "deserialize", "get"}

# Where the strings are that the functions get() take.
GETTERS = {
    "loss": "losses", "metric": "metrics", "optimizer": "optimizers", "initializer": "initializers",
    "regularizer": "regularizers", "constraint": "constraints", "activation": "activations",
}

# The kinds whose modules have public modules inside, with names of their own.
NESTED = {"application", "operation"}

# What layers set on themselves: the attribute, its key here, and its value in the class Layer, which isn't written.
FLAGS = {
    "supports_masking": ("supports_masking", False),
    "_convert_input_args": ("convert_input_args", True),
    "_allow_non_tensor_positional_args": ("allow_non_tensor_positional_args", False),
    "built": ("built_at_init", False),
}


def public_modules(root):
    """Yields the name and the module of every public module below root."""
    todo, seen = [("keras", root)], set()
    while todo:
        name, module = todo.pop()
        if id(module) in seen:
            continue
        seen.add(id(module))
        yield name, module
        for key, value in sorted(vars(module).items()):
            inside = isinstance(value, types.ModuleType) and value.__name__.startswith(root.__name__ + ".")
            if inside and not key.startswith("_") and key != "src":
                todo.append((f"{name}.{key}", value))


def is_part(value):
    return inspect.isclass(value) or inspect.isfunction(value)


@functools.cache
def public_paths():
    """Returns the public paths of every class and function, and those that only tf.keras has."""
    paths, only_tf = {}, {}
    for name, module in public_modules(keras):
        for key, value in vars(module).items():
            if is_part(value) and not key.startswith("_"):
                paths.setdefault(value, set()).add(f"{name}.{key}")
    for name, module in public_modules(_tf_keras.keras):
        for key, value in vars(module).items():
            path = f"{name}.{key}"
            if is_part(value) and not key.startswith("_") and path not in paths.get(value, ()):
                only_tf.setdefault(value, set()).add(path)
    return paths, only_tf


def json_default(value):
    """Returns a default as JSON, or None and what Python shows of an object that JSON lacks."""
    if value is None or isinstance(value, (bool, int, str)):
        return value, None
    if isinstance(value, float):
        if value == value and abs(value) != float("inf"):
            return value, None
        return None, f'float("{value}")'
    if isinstance(value, (list, tuple)):
        items = [json_default(v) for v in value]
        if all(shown is None for _, shown in items):
            return [v for v, _ in items], None
    if isinstance(value, dict) and not value:
        return {}, None
    name = getattr(value, "__qualname__", type(value).__qualname__)
    module = getattr(value, "__module__", None) or type(value).__module__
    return None, f"{module}.{name}"


PARAMETER_KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: "positional",
    inspect.Parameter.KEYWORD_ONLY: "keyword",
    inspect.Parameter.VAR_POSITIONAL: "varargs",
    inspect.Parameter.VAR_KEYWORD: "kwargs",
}


def parameters(function, method):
    if function is object.__init__:
        return []
    listed = list(inspect.signature(function).parameters.values())
    return listed[1:] if method else listed


def arguments(function, method):
    out = []
    for p in parameters(function, method):
        entry = {"name": p.name}
        if p.kind in PARAMETER_KINDS:
            entry["kind"] = PARAMETER_KINDS[p.kind]
        if p.default is not p.empty:
            entry["default"], shown = json_default(p.default)
            if shown is not None:
                entry["object"] = shown
        out.append(entry)
    return out


def signature_text(function):
    """Returns a method's arguments without self: "query value key=None *args training=None"."""
    words, keyword_only = [], False
    for p in parameters(function, method=True):
        star = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
        keyword_only |= p.kind == p.VAR_POSITIONAL
        if p.kind == p.KEYWORD_ONLY and not keyword_only:
            words.append("*")
            keyword_only = True
        default = "" if p.default is p.empty else "=" + repr(p.default).replace(" ", "")
        words.append(star + p.name + default)
    return " ".join(words)


@functools.cache
def constructor_source(cls):
    """Returns the syntax tree of the class's own constructor, or None where it inherits one."""
    init = vars(cls).get("__init__")
    if not inspect.isfunction(init):
        return None
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(init))).body[0]
    except (OSError, TypeError):
        return None


def is_super_init(node):
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "__init__"
        and isinstance(node.func.value, ast.Call)
        and isinstance(node.func.value.func, ast.Name)
        and node.func.value.func.id == "super"
    )


def popped(tree):
    """Returns the names that a constructor takes out of its **kwargs itself."""
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("pop", "get"):
            on_kwargs = isinstance(node.func.value, ast.Name) and node.func.value.id == "kwargs"
            if on_kwargs and node.args and isinstance(node.args[0], ast.Constant):
                names.append(node.args[0].value)
    return names


def effective(cls, rest):
    """Returns the keyword arguments that the constructor of the first class in rest takes, in order:
    its own, those it pops from **kwargs, and those it hands on to the next class."""
    for at, owner in enumerate(rest):
        if owner is object:
            return []
        if "__init__" in vars(owner):
            break
    own = parameters(vars(owner)["__init__"], method=True)
    names = [p.name for p in own if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    if not any(p.kind == p.VAR_KEYWORD for p in own):
        return names
    tree = constructor_source(owner)
    if tree is None:
        return names
    names += [n for n in popped(tree) if n not in names]
    for node in ast.walk(tree):
        if is_super_init(node) and any(k.arg is None for k in node.keywords):
            given = {k.arg for k in node.keywords}
            base = effective(cls, rest[at + 1:])
            names += [n for n in base[len(node.args):] if n not in given and n not in names]
    return names


def through_kwargs(cls):
    """Returns the names of the arguments that the constructor takes through **kwargs."""
    own = {p.name for p in parameters(cls.__init__, method=True)}
    return [n for n in effective(cls, inspect.getmro(cls)) if n not in own]


def assigned(tree):
    """Yields the names of the attributes that statements set on self, with the value's syntax tree. Where an if
    statement sets True in one branch and False in the other, its condition is the value."""
    branches = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and node.orelse:
            yes, no = (dict(assigned_here(part)) for part in (node.body, node.orelse))
            for name in yes.keys() & no.keys():
                if (ast.unparse(yes[name]), ast.unparse(no[name])) == ("True", "False"):
                    branches |= {yes[name], no[name]}
                    yield name, node.test
    for name, value in assigned_here(ast.walk(tree)):
        if value not in branches:
            yield name, value


def assigned_here(nodes):
    for node in nodes:
        for target in node.targets if isinstance(node, ast.Assign) else ():
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
                yield target.attr, node.value


def flags(cls):
    """Returns what the constructors of a layer set on it that the class Layer doesn't: a bool, or the Python expression."""
    found = {"supports_masking": not is_default(cls.compute_mask)}
    for owner in reversed(inspect.getmro(cls)):
        tree = constructor_source(owner)
        if tree is None or owner is keras.Layer:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "_build_at_init":
                found["built_at_init"] = is_default(cls.build)
        for attribute, value in assigned(tree):
            if attribute in FLAGS:
                text = ast.unparse(value)
                found[FLAGS[attribute][0]] = {"True": True, "False": False}.get(text, text)
    for name, usual in FLAGS.values():
        if found.get(name) == usual:
            del found[name]
    return found


def entry(kind, module, value, names):
    paths, only_tf = public_paths()
    name = value.__name__ if value.__name__ in names else min(names, key=lambda n: (len(n), n))
    e = {"kind": kind, "name": name, "module": module}
    here = module + "."
    if inspect.isfunction(value):
        e["function"] = True
    if value.__name__ != name:
        e["class"] = value.__name__
    aliases = sorted(set(names) - {name})
    if aliases:
        e["aliases"] = aliases
    legacy = sorted(p.removeprefix(here) for p in only_tf.get(value, ()) if p.startswith(here) and "." not in p.removeprefix(here))
    if legacy:
        e["tf_aliases"] = legacy
    # Names of the package itself (keras.Input) and of other modules.
    others = sorted(p for p in paths.get(value, ()) if p.rpartition(".")[0] != module)
    if others:
        e["paths"] = others
    if inspect.isfunction(value):
        e["args"] = arguments(value, method=False)
        return e
    e["base"] = value.__bases__[0].__name__
    e["args"] = arguments(value.__init__, method=True)
    extra = through_kwargs(value)
    if extra:
        e["kwargs"] = extra
    return e


def operation_entry(module, cls):
    """Returns the entry of a class that files name in place of the function of keras.ops."""
    e = {"kind": "operation", "name": cls.__name__, "module": module, "base": cls.__bases__[0].__name__}
    e["args"] = arguments(cls.__init__, method=True)
    e["call"] = signature_text(cls.call)
    return e


def classes_made(function):
    """Returns the names of the operation classes that a function of keras.ops makes."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    names = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    made = {n: function.__globals__.get(n) for n in names}
    return sorted(n for n, value in made.items() if inspect.isclass(value) and issubclass(value, keras.Operation))


def public_names(kind):
    """Yields module, class or function, and its names there."""
    root = functools.reduce(getattr, KINDS[kind][0].split("."), keras)
    done = set()
    modules = [m for _, m in public_modules(root)] if kind in NESTED else [root]
    for module in modules:
        names = {}
        for key, value in vars(module).items():
            if is_part(value) and not key.startswith("_") and key not in GENERIC and value not in done:
                names.setdefault(value, []).append(key)
        done |= names.keys()
        for value, keys in names.items():
            yield module.__name__, value, keys


def entries_of(kind):
    base = KINDS[kind][1]
    getters = {}
    if kind in GETTERS:
        for key, value in importlib.import_module(f"keras.src.{GETTERS[kind]}").ALL_OBJECTS_DICT.items():
            getters.setdefault(value, []).append(key)
    for module, value, keys in public_names(kind):
        e = entry(kind, module, value, keys)
        if value in getters:
            e["get"] = sorted(getters[value])
        if kind == "layer" and inspect.isclass(value) and issubclass(value, base):
            e["call"] = signature_text(value.call)
            e.update(flags(value))
            if not is_default(value.build):
                e["build"] = signature_text(value.build)
            if not is_default(value.compute_mask):
                e["compute_mask"] = True
        if kind == "operation":
            made = classes_made(value)
            if made:
                e["makes"] = made
        yield e
    if kind == "operation":
        for source in sorted(pathlib.Path(inspect.getfile(keras.Operation)).parent.glob("*.py")):
            if source.stem.endswith("_test") or source.stem == "__init__":
                continue
            inner = importlib.import_module(f"keras.src.ops.{source.stem}")
            for value in vars(inner).values():
                own = inspect.isclass(value) and value.__module__ == inner.__name__
                if own and issubclass(value, keras.Operation) and value is not keras.Operation:
                    yield operation_entry(inner.__name__, value)


def main():
    lines = [json.dumps({"keras": keras.__version__})[:-1] + ', "entries": [']
    listed = []
    for kind in KINDS:
        listed += sorted(entries_of(kind), key=lambda e: (e["module"], e["name"]))
    lines += [json.dumps(e, separators=(",", ":"), allow_nan=False) + "," for e in listed]
    lines[-1] = lines[-1][:-1]
    lines.append("]}")
    path = pathlib.Path(__file__).parent / "keras.json"
    path.write_text("\n".join(lines) + "\n")
    print(f"{path.name}: {len(listed)} entries, {path.stat().st_size / 1024:.0f} kB, Keras {keras.__version__}")


if __name__ == "__main__":
    main()
