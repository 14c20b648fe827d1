// Which Python runs einlint: the one of the setting, of the Python extension, or of PATH.

import * as os from "node:os";
import * as vscode from "vscode";

const PYTHON_EXTENSION = "ms-python.python";

/** The part of the Python extension's interface that is used here. */
interface Environments {
  getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
  resolveEnvironment(environment: {
    readonly path: string;
  }): Thenable<{ readonly executable: { readonly uri?: vscode.Uri } } | undefined>;
  readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
}

/** The Pythons to try, the first one first. */
export async function interpreters(): Promise<string[]> {
  const named = fromSetting();
  if (named !== "") {
    return [named];
  }
  const selected = await fromPythonExtension();
  return selected === undefined ? ["python3", "python"] : [selected];
}

/** Call back when the Python extension selects another Python; nothing where it is not installed. */
export async function onDidSelect(callback: () => void): Promise<vscode.Disposable> {
  const environments = await pythonExtension();
  return environments?.onDidChangeActiveEnvironmentPath(callback) ?? new vscode.Disposable(() => {});
}

function fromSetting(): string {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const text = vscode.workspace.getConfiguration("einlint", folder).get("interpreter", "").trim();
  return text
    .replace(/^~(?=$|[\\/])/, os.homedir())
    .replaceAll("${workspaceFolder}", folder?.fsPath ?? "");
}

async function fromPythonExtension(): Promise<string | undefined> {
  const environments = await pythonExtension();
  if (environments === undefined) {
    return undefined;
  }
  const active = environments.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri);
  return (await environments.resolveEnvironment(active))?.executable.uri?.fsPath;
}

async function pythonExtension(): Promise<Environments | undefined> {
  const found = vscode.extensions.getExtension<{ readonly environments?: Environments }>(
    PYTHON_EXTENSION,
  );
  return (await found?.activate())?.environments;
}
