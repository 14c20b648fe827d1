"""A file that replaces or watches torch.einsum: no fix there is safe, and the line is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import called, findings, write

CALL = 'torch.einsum("ij,jk->ik", a, b)\n'
IMPORT = "import torch\n"
FORMS = {
    # Mocks, by whatever arguments.
    "mock": 'mock.patch("torch.einsum")',
    "mock_by_keyword": 'mock.patch(target="torch.einsum")',
    "mock_elsewhere": 'mock.patch("models.attention.torch.einsum")',
    "mock_by_the_name_of_this_file": 'mock.patch(f"{__name__}.torch.einsum")',
    "mock_by_an_open_path": 'mock.patch(f"torch.{name}")',
    "mock_by_another_name": 'from unittest.mock import patch as p\np("torch.einsum")',
    "mock_as_a_decorator": '@mock.patch("torch.einsum", autospec=True)\ndef test(einsum): ...',
    "mock_of_an_object": 'patch.object(torch, "einsum")',
    "mock_of_an_object_by_keywords": 'patch.object(target=torch, attribute="einsum")',
    "mock_of_an_unknown_attribute": "patch.object(torch, attribute, autospec=True)",
    "mock_of_several": "mock.patch.multiple(torch, einsum=mock.DEFAULT)",
    "mock_of_several_by_a_path": 'mock.patch.multiple("torch", einsum=mock.DEFAULT)',
    "mock_of_unknown_ones": "mock.patch.multiple(torch, **fakes)",
    "mock_of_a_dict": "mock.patch.dict(torch.__dict__, einsum=fake)",
    "mock_of_a_dict_by_its_path": 'mock.patch.dict("torch.__dict__", {"einsum": fake})',
    "mock_of_modules": 'mock.patch.dict("sys.modules", torch=fake)',
    "mock_of_modules_by_a_dict": 'import sys\nmock.patch.dict(sys.modules, {"torch": fake})',
    # What pytest, pytest-mock and other libraries have.
    "monkeypatch": 'monkeypatch.setattr(torch, "einsum", fake)',
    "monkeypatch_by_keywords": 'monkeypatch.setattr(torch, name="einsum", value=fake)',
    "monkeypatch_by_a_path": 'monkeypatch.setattr("torch.einsum", fake)',
    "monkeypatch_that_deletes": 'monkeypatch.delattr(torch, "einsum")',
    "monkeypatch_of_an_item": 'monkeypatch.setitem(torch.__dict__, "einsum", fake)',
    "monkeypatch_in_a_loop": "for module in modules:\n"
    '    monkeypatch.setattr(module, "einsum", fake)',
    "mocker": 'mocker.patch.object(torch, "einsum", return_value=7)',
    "mocker_that_spies": 'mocker.spy(torch, "einsum")',
    "wrapt": '@wrapt.patch_function_wrapper("torch", "einsum")\ndef wrapper(*args): ...',
    "apex": 'amp.register_half_function(torch, "einsum")',
    # Attributes and items.
    "attribute": "torch.einsum = fake",
    "attribute_deleted": "del torch.einsum",
    "attribute_of_the_other_module": "torch.functional.einsum = fake",
    "attribute_of_an_alias": "import torch as th\nth.einsum = fake",
    "attribute_of_an_item": 'import sys\nmodule = sys.modules["torch"]\nmodule.einsum = fake',
    "attribute_of_an_import": 'import_module("torch").einsum = fake',
    "attribute_by_its_name": 'setattr(torch, "einsum", fake)',
    "attribute_by_a_method": 'torch.__setattr__("einsum", fake)',
    "attributes_by_unknown_names": "for name in names:\n    setattr(torch, name, fake)",
    "item": 'torch.__dict__["einsum"] = fake',
    "item_of_vars": 'vars(torch)["einsum"] = fake',
    "items_by_an_update": "torch.__dict__.update(einsum=fake)",
    "module": 'import sys\nsys.modules["torch"] = fake',
    "module_taken_out": 'import sys\nsys.modules.pop("torch")',
    "module_loaded_again": "importlib.reload(torch)",
    # Names of the file.
    "exec": 'exec("from doubles import torch")',
    "exec_of_unknown_code": "exec(code, globals())",
    "eval_of_code": 'eval(compile(code, "code", "exec"))',
    "globals": 'globals()["torch"] = fake',
    "globals_by_unknown_names": "names = globals()\nfor name in more:\n    names[name] = fake",
    "globals_by_an_update": "globals().update(more)",
    "locals": 'locals()["torch"] = fake',
    "itself": 'import sys\nsetattr(sys.modules[__name__], "torch", fake)',
    # Whoever sees it called.
    "function_mode": "from torch.overrides import TorchFunctionMode",
    "dispatch_mode": "class Count(torch.utils._python_dispatch.TorchDispatchMode): ...",
    "counter": "from torch.utils.flop_counter import FlopCounterMode",
    "tensor": "class Logged(torch.Tensor):\n    def __torch_function__(self, *args): ...",
    "tensor_of_operators": "class Logged:\n    __torch_dispatch__ = logged",
    # The function among others, or in other hands.
    "key": "COSTS = {torch.einsum: 1, torch.matmul: 0}",
    "key_that_is_set": "handlers[torch.einsum] = handle",
    "comparison": "function is torch.einsum",
    "membership": "function in (torch.einsum, torch.matmul)",
    "pattern": "match function:\n    case torch.einsum: ...",
    "list": "WATCHED = [torch.matmul, torch.einsum]",
    "argument": "register(torch.einsum, cost)",
    "argument_by_keyword": "register(function=torch.einsum)",
    "argument_of_a_decorator": "@implements(torch.einsum)\ndef mine(*args): ...",
    "argument_by_an_alias": "from torch import einsum\nregister(einsum)",
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("forms")
    write(folder, {f"{name}.py": f"{IMPORT}{form}\n{CALL}" for name, form in FORMS.items()})
    return {Path(str(each["filename"])).stem: each for each in findings(cwd=folder)}


@pytest.mark.parametrize("name", FORMS)
def test_the_fix_is_unsafe_and_names_the_row(name: str, said: dict[str, Any]) -> None:
    fix = said[name]["fix"]
    assert fix["applicability"] == "unsafe"
    (missing,) = (each for each in fix["assumptions"] if each["name"] == "plain-einsum")
    assert not missing["granted"]
    rows = f"{IMPORT}{FORMS[name]}".splitlines()
    place = missing["text"].partition("watched: line ")[2].partition(" ")[0]
    assert 2 <= int(place) <= len(rows)


def test_one_place_concerns_every_call_and_no_grant_helps(tmp_path: Path) -> None:
    body = f"def product(a, b):\n    return {CALL}\n\n"
    patched = 'def count():\n    with patch("torch.einsum"):\n        product(1, 2)\n'
    write(tmp_path, {"a.py": f"{IMPORT}{body}{patched}"})
    write(tmp_path, {"einlint.toml": 'assume = ["equal-sizes", "plain-einsum"]\n'})
    assert called("--fix", cwd=tmp_path).returncode == 0
    assert "torch.einsum" in (tmp_path / "a.py").read_text()
    assert called("--fix", "--unsafe-fixes", cwd=tmp_path).returncode == 0
    assert "return a @ b" in (tmp_path / "a.py").read_text()


def test_an_arrow_is_no_safe_fix_there(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": f"{IMPORT}torch.einsum = fake\n{CALL.replace('->ik', '')}"})
    (found,) = findings("--select", "EIN006", cwd=tmp_path)
    assert found["fix"]["applicability"] == "unsafe"


def test_a_wrapper_that_is_replaced_is_unsafe_too(tmp_path: Path) -> None:
    write(tmp_path, {"einlint.toml": 'functions = ["mylib.einsum"]\nassume = ["plain-einsum"]\n'})
    source = 'import mylib\nmylib.einsum = fake\nx = mylib.einsum("ij->ji", a)\n'
    write(tmp_path, {"a.py": source})
    (found,) = findings(cwd=tmp_path)
    assert found["fix"]["applicability"] == "unsafe"


def test_what_replaces_it_may_take_other_arguments(tmp_path: Path) -> None:
    source = f'{IMPORT}torch.einsum(a, b, "ij,jk->ik")\n'
    write(tmp_path, {"a.py": source, "b.py": f"{source}torch.einsum = contract\n"})
    assert [(each["filename"], each["code"]) for each in findings(cwd=tmp_path)] == [
        ("a.py", "EIN002")
    ]


def test_a_cell_is_named_where_it_is_done(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [cell | {"source": text} for text in (IMPORT, "torch.einsum = fake", CALL)]
    book = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    write(tmp_path, {"a.ipynb": json.dumps(book)})
    (found,) = findings(cwd=tmp_path)
    texts = [each["text"] for each in found["fix"]["assumptions"]]
    assert any("line 1 of cell 2 replaces it" in text for text in texts)


@pytest.mark.parametrize(
    "mocked",
    ['patch("torch.zeros")', 'patch.object(target=torch, attribute="zeros")', "len(a)"],
)
def test_no_size_is_claimed_where_a_maker_of_tensors_is_replaced(
    tmp_path: Path, mocked: str
) -> None:
    tensors = "a, b = torch.zeros(2, 3), torch.zeros(4, 5)\n"
    write(tmp_path, {"a.py": f"{IMPORT}with {mocked}:\n    {tensors}    {CALL}"})
    codes = [each["code"] for each in findings(cwd=tmp_path)]
    assert codes == (["EIN004"] if mocked == "len(a)" else ["EIN104"])


def test_no_size_is_claimed_of_what_a_mock_returns(tmp_path: Path) -> None:
    call = 'a = torch.einsum("ij->ji", torch.zeros(2, 3))\n'
    source = f"{IMPORT}def test():\n    {call}    b = torch.zeros(5, 4)\n    {CALL}"
    write(tmp_path, {"a.py": source})
    write(tmp_path, {"b.py": source.replace("def", '@patch(target="torch.einsum")\ndef')})
    found = [each["filename"] for each in findings("--select", "EIN004", cwd=tmp_path)]
    assert found == ["a.py"]
