// The status item of einlint, beside the language of a Python file.

import * as vscode from "vscode";

const RESTART: vscode.Command = { title: "Restart", command: "einlint.restart" };
const LOG: vscode.Command = { title: "Show Log", command: "einlint.showLog" };

/** Says whether einlint runs, from which Python, and what is wrong if it does not. */
export class Status implements vscode.Disposable {
  readonly #item: vscode.LanguageStatusItem;

  constructor(selector: vscode.DocumentSelector) {
    this.#item = vscode.languages.createLanguageStatusItem("einlint.status", selector);
    this.#item.name = "einlint";
  }

  starts(): void {
    this.#show("einlint starts", "", vscode.LanguageStatusSeverity.Information, LOG, true);
  }

  runs(version: string, python: string): void {
    this.#show(`einlint ${version}`, python, vscode.LanguageStatusSeverity.Information, RESTART);
  }

  fails(message: string): void {
    this.#show("einlint does not run", message, vscode.LanguageStatusSeverity.Error, RESTART);
  }

  dispose(): void {
    this.#item.dispose();
  }

  #show(
    text: string,
    detail: string,
    severity: vscode.LanguageStatusSeverity,
    command: vscode.Command,
    busy = false,
  ): void {
    Object.assign(this.#item, { text, detail, severity, command, busy });
  }
}
