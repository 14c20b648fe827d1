// The values of VS Code's interface that cross the border: places, edits, addresses, events.

import { pathToFileURL, fileURLToPath } from "node:url";

export class Position {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}
}

export class Range {
  readonly start: Position;
  readonly end: Position;

  constructor(...ends: [Position, Position] | [number, number, number, number]) {
    const [start, end] =
      ends.length === 2
        ? ends
        : [new Position(ends[0], ends[1]), new Position(ends[2], ends[3])];
    this.start = start;
    this.end = end;
  }
}

export class Uri {
  private constructor(private readonly text: string) {}

  static parse = (text: string) => new Uri(text);
  static file = (path: string) => new Uri(pathToFileURL(path).href);

  get scheme(): string {
    return this.text.slice(0, this.text.indexOf(":"));
  }
  get fsPath(): string {
    return fileURLToPath(this.text.replace(/^[\w-]+:/, "file:").replace(/#.*/, ""));
  }
  toString(): string {
    return this.text;
  }
}

export class TextEdit {
  constructor(
    readonly range: Range,
    readonly newText: string,
  ) {}
}

export class WorkspaceEdit {
  readonly edits = new Map<string, TextEdit[]>();

  set(uri: Uri, edits: (TextEdit | [TextEdit, unknown])[]): void {
    this.edits.set(uri.toString(), edits.map((each) => (Array.isArray(each) ? each[0] : each)));
  }
}

export class Diagnostic {
  code?: string | { value: string };
  source?: string;
  constructor(
    readonly range: Range,
    readonly message: string,
    readonly severity: number,
  ) {}
}

export class CodeActionKind {
  static readonly Empty = new CodeActionKind("");
  static readonly QuickFix = new CodeActionKind("quickfix");
  static readonly Refactor = new CodeActionKind("refactor");
  static readonly RefactorExtract = new CodeActionKind("refactor.extract");
  static readonly RefactorInline = new CodeActionKind("refactor.inline");
  static readonly RefactorMove = new CodeActionKind("refactor.move");
  static readonly RefactorRewrite = new CodeActionKind("refactor.rewrite");
  static readonly Source = new CodeActionKind("source");
  static readonly SourceFixAll = new CodeActionKind("source.fixAll");
  static readonly SourceOrganizeImports = new CodeActionKind("source.organizeImports");
  static readonly Notebook = new CodeActionKind("notebook");

  constructor(readonly value: string) {}

  append(part: string): CodeActionKind {
    return new CodeActionKind(this.value === "" ? part : `${this.value}.${part}`);
  }
}

export class CodeAction {
  edit?: WorkspaceEdit;
  isPreferred?: boolean;
  diagnostics?: Diagnostic[];
  constructor(
    readonly title: string,
    public kind?: CodeActionKind,
  ) {}
}

export class MarkdownString {
  constructor(public value = "") {}
  appendMarkdown(text: string): this {
    this.value += text;
    return this;
  }
  appendCodeblock(text: string, language = ""): this {
    return this.appendMarkdown(`\n\`\`\`${language}\n${text}\n\`\`\`\n`);
  }
}

export class Hover {
  readonly contents: MarkdownString[];
  constructor(
    contents: MarkdownString | MarkdownString[],
    readonly range?: Range,
  ) {
    this.contents = [contents].flat();
  }
}

export class Disposable {
  static from = (...all: { dispose(): unknown }[]) =>
    new Disposable(() => all.forEach((each) => each.dispose()));
  constructor(readonly dispose: () => unknown) {}
}

type Listener<T> = (value: T) => unknown;

export class EventEmitter<T> {
  readonly #listeners = new Set<Listener<T>>();

  readonly event = (listener: Listener<T>, self?: unknown) => {
    const bound = listener.bind(self);
    this.#listeners.add(bound);
    return new Disposable(() => this.#listeners.delete(bound));
  };
  fire(value: T): void {
    this.#listeners.forEach((each) => each(value));
  }
  dispose(): void {
    this.#listeners.clear();
  }
}

export class CancellationTokenSource {
  readonly token = {
    isCancellationRequested: false,
    onCancellationRequested: new EventEmitter<void>().event,
  };
  cancel(): void {}
  dispose(): void {}
}
