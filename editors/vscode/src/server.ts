// The server's life: started from a Python, stopped, started anew; one start at a time.

import * as vscode from "vscode";
import { LanguageClient, State } from "vscode-languageclient/node";
import { interpreters } from "./interpreter";
import { environment, firstUsable, type Probed } from "./probe";
import type { Status } from "./status";

const COPY = "Copy Command";
const AGAIN = "Try Again";

/** The documents that einlint checks; cells of notebooks too. */
export const DOCUMENTS = ["file", "untitled", "vscode-notebook-cell"].map((scheme) => ({
  language: "python",
  scheme,
}));

export class Server {
  #client: LanguageClient | undefined;
  #queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly log: vscode.LogOutputChannel,
    private readonly status: Status,
  ) {}

  /** Start, or stop and start again; what is asked for at the same time waits. */
  restart(): Promise<void> {
    return this.#next(() => this.#start());
  }

  stop(): Promise<void> {
    return this.#next(() => this.#end());
  }

  #next(step: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(step).catch((error: unknown) => this.#fail(String(error)));
    return this.#queue;
  }

  async #start(): Promise<void> {
    await this.#end();
    this.status.starts();
    const probed = await firstUsable(await interpreters());
    if (probed.kind === "unusable") {
      this.#fail(probed.message);
      void this.#tell(probed);
      return;
    }
    const { python, version } = probed;
    this.log.info(`einlint ${version} of ${python}`);
    const client = new LanguageClient(
      "einlint",
      "einlint",
      { command: python, args: ["-m", "einlint", "lsp"], options: { env: environment() } },
      { documentSelector: DOCUMENTS, outputChannel: this.log },
    );
    this.#client = client;
    client.onDidChangeState(({ newState }) => {
      if (this.#client !== client) {
        return; // it was stopped on purpose
      }
      if (newState === State.Running) {
        this.status.runs(version, python);
      } else if (newState === State.Stopped) {
        this.#fail("The server has ended; see the log.");
      }
    });
    await client.start();
  }

  async #end(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    try {
      await client?.dispose();
    } catch (error) {
      this.log.warn(String(error)); // it never ran, or has ended on its own
    }
  }

  #fail(message: string): void {
    this.log.error(message);
    this.status.fails(message);
  }

  async #tell({ message, command }: Extract<Probed, { kind: "unusable" }>): Promise<void> {
    const buttons = command === undefined ? [AGAIN] : [COPY, AGAIN];
    const chosen = await vscode.window.showErrorMessage(message, ...buttons);
    if (chosen === COPY && command !== undefined) {
      await vscode.env.clipboard.writeText(command);
    } else if (chosen === AGAIN) {
      await this.restart();
    }
  }
}
