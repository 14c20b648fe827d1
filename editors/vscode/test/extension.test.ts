// The bundled extension against the real server, in a small VS Code for Node.
//
// $EINLINT_PYTHON is a Python that has einlint with its extra `lsp`; else it is `python3`.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import Module from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import * as host from "./host";
import { EventEmitter, Position, Range, Uri } from "./values";

const PYTHON = execFileSync(
  process.env.EINLINT_PYTHON ?? "python3",
  ["-c", "import sys; print(sys.executable)"],
  { encoding: "utf8" },
).trim();
const SOURCE = 'import torch\n\n\ndef f(q, k):\n    return torch.einsum("bhqd,bhkd->bhqk", q, k)\n';
const FIXED = SOURCE.replace('torch.einsum("bhqd,bhkd->bhqk", q, k)', "q @ k.transpose(-2, -1)");
const CALL = new Range(4, 11, 4, 48);
const IMPORTED = process.env.PYTHONPATH;
const LONGEST = { timeout: 60_000 };

let folder: string;
let bare: string;
let extension: { activate(context: object): Promise<void>; deactivate(): Promise<void> };
const context = { subscriptions: [] as { dispose(): unknown }[] };

/** Bare: a Python without einlint. */
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "einlint-"));
  execFileSync(PYTHON, ["-m", "venv", "--without-pip", join(folder, "bare")]);
  bare = join(folder, "bare", process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const load = Reflect.get(Module, "_load");
  Reflect.set(Module, "_load", (name: string, ...rest: unknown[]) =>
    name === "vscode" ? host.vscode : load(name, ...rest),
  );
  extension = require(resolve("dist/extension.js"));
  host.seen.settings["einlint.interpreter"] = PYTHON;
  await extension.activate(context);
});

after(async () => {
  await extension.deactivate();
  context.subscriptions.forEach((each) => each.dispose());
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  importFrom(IMPORTED);
  host.seen.errors.length = 0;
  host.seen.answer = undefined;
});

/** Set the folders that Pythons import from beside their own. */
function importFrom(folders: string | undefined): void {
  delete process.env.PYTHONPATH;
  Object.assign(process.env, folders === undefined ? {} : { PYTHONPATH: folders });
}

const restart = () => host.seen.commands.get("einlint.restart")!();
const codes = (found: { code?: unknown }[]) =>
  found.map(({ code }) => (typeof code === "object" && code ? Reflect.get(code, "value") : code));
const path = (name: string) => join(folder, name);

test("it says that it runs, from which Python, and which version", LONGEST, () => {
  assert.match(String(host.seen.status["text"]), /^einlint \d+\.\d+/);
  assert.equal(host.seen.status["detail"], PYTHON);
  assert.equal(host.seen.status["busy"], false);
  assert.deepEqual(host.seen.errors, []);
});

test("findings of an open file, its hover, and its quick fix", LONGEST, async () => {
  const document = host.open(path("a.py"), SOURCE);
  const [found] = await host.diagnostics(document, (all) => all.length > 0);
  assert.deepEqual(codes([found!]), ["EIN105"]);
  assert.deepEqual([found!.range.start.line, found!.range.end.character], [4, 48]);
  const { contents } = await host.hover(document, new Position(4, 20));
  assert.match(contents.map((each) => each.value).join(""), /batched matrix product/);
  const [fix] = await host.actions(document, CALL, "quickfix");
  assert.equal(fix!.title, "einlint: replace with `q @ k.transpose(-2, -1)`");
  assert.ok(fix!.isPreferred);
  await host.apply(document, fix!);
  assert.equal(document.getText(), FIXED);
  await host.diagnostics(document, (all) => all.length === 0);
});

test("all is fixed on save", LONGEST, async () => {
  const document = host.open(path("b.py"), SOURCE + SOURCE);
  await host.diagnostics(document, (all) => all.length === 2);
  await host.save(document, "source.fixAll.einlint");
  assert.equal(document.getText(), FIXED + FIXED);
  await host.diagnostics(document, (all) => all.length === 0);
});

test("cells of a notebook are one module, and are fixed together on save", LONGEST, async () => {
  const sources = ["import torch", SOURCE.split("\n").slice(3).join("\n"), "%pip install torch"];
  const cells = host.openNotebook(path("c.ipynb"), sources);
  const [found] = await host.diagnostics(cells[1]!, (all) => all.length > 0);
  assert.deepEqual([codes([found!]), found!.range.start.line], [["EIN105"], 1]);
  assert.deepEqual(await host.diagnostics(cells[0]!, () => true), []);
  const { contents } = await host.hover(cells[1]!, new Position(1, 20));
  assert.match(contents.map((each) => each.value).join(""), /batched matrix product/);
  await host.save(cells[0]!, "notebook.source.fixAll.einlint");
  const fixed = [sources[0], FIXED.split("\n").slice(3).join("\n"), sources[2]];
  assert.deepEqual(cells.map((each) => each.getText()), fixed);
});

test("a file named like a module of Python's does not stop the server", LONGEST, async () => {
  const before = process.cwd();
  writeFileSync(path("typing.py"), "raise ValueError\n");
  process.chdir(folder);
  try {
    await restart();
  } finally {
    process.chdir(before);
  }
  assert.deepEqual(host.seen.errors, []);
  assert.match(String(host.seen.status["text"]), /^einlint \d/);
});

test("open files are checked again after a restart", LONGEST, async () => {
  const document = host.open(path("d.py"), SOURCE);
  await host.diagnostics(document, (all) => all.length > 0);
  const restarted = restart();
  await restarted;
  await host.diagnostics(document, (all) => all.length > 0);
  const [fix] = await host.actions(document, CALL, "quickfix");
  assert.match(fix!.title, /transpose/);
});

const unix = { ...LONGEST, skip: process.platform === "win32" };
test("a server that dies is started again", unix, async () => {
  const [server] = execFileSync("pgrep", ["-P", String(process.pid), "-f", "einlint lsp"], {
    encoding: "utf8",
  }).split("\n");
  process.kill(Number(server), "SIGKILL");
  const document = host.open(path("f.py"), SOURCE);
  await host.diagnostics(document, (all) => all.length > 0);
  assert.match(String(host.seen.status["text"]), /^einlint \d/);
});

test("a Python without einlint: the message has the command, and a button copies it", LONGEST, async () => {
  host.seen.answer = "Copy Command";
  importFrom(undefined);
  host.set("einlint.interpreter", bare);
  await restart();
  const command = `"${bare}" -m pip install "einlint[lsp] @ git+`;
  assert.ok(host.seen.errors[0]!.startsWith(`einlint is not installed in ${bare}. Install it with:`));
  assert.ok(host.seen.errors[0]!.includes(command));
  assert.ok(host.seen.clipboard.startsWith(command));
  assert.equal(host.seen.status["text"], "einlint does not run");
  assert.equal(host.seen.diagnostics.size, 0, "old findings are gone");
});

test("a Python with einlint, but not with what its server needs", LONGEST, async () => {
  writeFileSync(path("einlint.py"), '__version__ = "1"\n');
  importFrom(folder);
  rmSync(path("typing.py"));
  await restart();
  assert.match(host.seen.errors[0]!, /^einlint's language server \(pygls\) is not installed in /);
});

test("a Python that does not exist is named", LONGEST, async () => {
  host.set("einlint.interpreter", path("no-python"));
  await restart();
  assert.match(host.seen.errors.at(-1)!, /found no Python: .*no-python cannot be run/);
});

test("the selected Python counts, and selecting another one restarts", LONGEST, async () => {
  const selected = new EventEmitter<void>();
  let python = bare;
  host.seen.pythonExtension = {
    getActiveEnvironmentPath: () => ({ path: "environment" }),
    resolveEnvironment: async () => ({ executable: { uri: Uri.file(python) } }),
    onDidChangeActiveEnvironmentPath: selected.event,
  };
  await extension.deactivate();
  context.subscriptions.splice(0).forEach((each) => each.dispose());
  host.seen.settings["einlint.interpreter"] = "";
  importFrom(undefined);
  await extension.activate(context);
  assert.match(host.seen.errors[0]!, /einlint is not installed/);
  python = PYTHON;
  importFrom(IMPORTED);
  selected.fire();
  const document = host.open(path("e.py"), SOURCE);
  await host.diagnostics(document, (all) => all.length > 0);
  assert.equal(host.seen.status["detail"], PYTHON);
});
