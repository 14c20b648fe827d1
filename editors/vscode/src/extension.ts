// The extension: starts einlint with the first Python file, and again when its Python changes.

import * as vscode from "vscode";
import { onDidSelect } from "./interpreter";
import { DOCUMENTS, Server } from "./server";
import { Status } from "./status";

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("einlint", { log: true });
  const status = new Status(DOCUMENTS);
  const started = new Server(log, status);
  const restart = () => started.restart();
  server = started;
  context.subscriptions.push(
    log,
    status,
    vscode.commands.registerCommand("einlint.restart", restart),
    vscode.commands.registerCommand("einlint.showLog", () => log.show()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("einlint.interpreter")) {
        void restart();
      }
    }),
    await onDidSelect(restart),
  );
  await restart();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
