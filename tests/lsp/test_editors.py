"""Real editors with the configuration that the page of editors shows; skipped where missing."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.cli.run import FIXED, LONGEST, SOURCE
from tests.conftest import ROOT

# Before 0.11 Neovim has no such functions; these do what the page needs of them.
OLDER_NEOVIM = """
if not vim.lsp.config then
  local known = {}
  vim.lsp.config = function(name, config) known[name] = config end
  vim.lsp.enable = function(name)
    local id = vim.lsp.start_client(vim.tbl_extend("force", { name = name }, known[name]))
    vim.api.nvim_create_autocmd("FileType", {
      pattern = known[name].filetypes,
      callback = function(given) vim.lsp.buf_attach_client(given.buf, id) end,
    })
  end
end
"""
NEOVIM = """
vim.cmd("edit a.py")
local function findings() return vim.diagnostic.get(0) end
local function ask(method, more)
  local params = vim.tbl_extend("force", vim.lsp.util.make_range_params(0, "utf-16"), more)
  params.position = params.range.start
  for _, answer in pairs(vim.lsp.buf_request_sync(0, method, params, 20000)) do
    return answer.result
  end
end
vim.wait(60000, function() return #findings() > 0 end, 20)
for _, each in ipairs(findings()) do
  print("FOUND", each.code, each.lnum, each.col, each.end_col)
end
vim.api.nvim_win_set_cursor(0, { 5, 28 })
print(ask("textDocument/hover", {}).contents.value)
local wanted = { context = { diagnostics = {}, only = { "source.fixAll.einlint" } } }
local action = ask("textDocument/codeAction", wanted)[1]
for _, answer in pairs(vim.lsp.buf_request_sync(0, "codeAction/resolve", action, 20000)) do
  action = answer.result
end
vim.lsp.util.apply_workspace_edit(action.edit, "utf-16")
vim.cmd("silent write")
print("CLEAN", vim.wait(60000, function() return #findings() == 0 end, 20))
vim.cmd("qa!")
"""
EMACS = """
(require 'eglot)
(setq eglot-sync-connect t eglot-confirm-server-initiated-edits nil eglot-confirm-server-edits nil)
(find-file "a.py")
(call-interactively #'eglot)
(let ((end (+ (float-time) 60)))
  (while (and (not (flymake-diagnostics)) (< (float-time) end))
    (accept-process-output nil 0.1)
    (flymake-start)))
(dolist (each (flymake-diagnostics)) (message "FOUND %s" (flymake-diagnostic-text each)))
(goto-char (point-min))
(search-forward "bhqd")
(let ((hover (jsonrpc-request (eglot--current-server-or-lose) :textDocument/hover
                              (eglot--TextDocumentPositionParams))))
  (message "%s" (plist-get (plist-get hover :contents) :value)))
(let ((fix (elt (eglot-code-actions (point) (point) "quickfix") 0)))
  (eglot--apply-workspace-edit (plist-get fix :edit)))
(save-buffer)
"""


def block(language: str) -> str:
    """The block of the page in a language."""
    page = (ROOT / "docs" / "how-to" / "editors.md").read_text(encoding="utf-8")
    (found,) = re.findall(rf"```(?:{{code-block}} )?{language}\n(.*?)```", page, re.DOTALL)
    return str(found)


def run(folder: Path, *command: str) -> str:
    """What an editor prints; the `einlint` that it finds is ours."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "HOME": str(folder)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LONGEST
    )
    return done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("nvim") is None, reason="Neovim is not installed")
def test_neovim_shows_explains_and_fixes(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SOURCE)
    (tmp_path / "init.lua").write_text(OLDER_NEOVIM + block("lua") + NEOVIM)
    said = run(tmp_path, "nvim", "--headless", "--clean", "-c", "luafile init.lua")
    assert "FOUND EIN105 4 11 48" in said
    assert "is a batched matrix product (batched-matmul)" in said
    assert "CLEAN true" in said
    assert (tmp_path / "a.py").read_text() == FIXED


@pytest.mark.skipif(shutil.which("emacs") is None, reason="Emacs is not installed")
def test_eglot_shows_explains_and_fixes(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SOURCE)
    (tmp_path / "init.el").write_text("(package-initialize)\n" + block("elisp") + EMACS)
    said = run(tmp_path, "emacs", "-q", "--batch", "-l", "init.el")
    if "Cannot open load file" in said:
        pytest.skip("this Emacs has no eglot")
    assert "FOUND EIN105" in said or "FOUND einlint [EIN105]" in said, said
    assert "is a batched matrix product (batched-matmul)" in said
    assert (tmp_path / "a.py").read_text() == FIXED


def test_helix_is_told_of_the_command() -> None:
    """Helix was not tried: only that its file can be read, and what it starts."""
    page = tomllib.loads(block("toml"))
    (language,) = page["language"]
    started = page["language-server"][language["language-servers"][0]]
    assert (started["command"], started["args"]) == ("einlint", ["lsp"])
