// A small VS Code for Node: what the extension and its language client use, over texts in memory.
//
// What is not here is a class that does nothing, or a function that returns something to dispose.

import * as values from "./values";

const { Disposable, EventEmitter, Uri } = values;
type Uri = values.Uri;
type Documents = { language?: string; scheme?: string; notebookType?: string }[];
type Provider = Record<string, (...given: unknown[]) => Promise<unknown>>;

/** An open text; cells of a notebook too. */
export class TextDocument {
  version = 1;
  readonly languageId = "python";
  readonly isClosed = false;
  readonly isDirty = true;
  notebook?: Notebook;

  constructor(
    readonly uri: Uri,
    private text: string,
  ) {}

  get fileName(): string {
    return this.uri.fsPath;
  }
  getText = () => this.text;
  replace(text: string): void {
    this.text = text;
    this.version += 1;
  }
  offset({ line, character }: values.Position): number {
    const before = this.text.split("\n").slice(0, line);
    return before.reduce((sum, each) => sum + each.length + 1, 0) + character;
  }
}

export interface Notebook {
  readonly uri: Uri;
  readonly notebookType: string;
  readonly version: number;
  readonly metadata: object;
  readonly isClosed: boolean;
  readonly cellCount: number;
  getCells(): object[];
}

const events = {
  opened: new EventEmitter<TextDocument>(),
  closed: new EventEmitter<TextDocument>(),
  changed: new EventEmitter<object>(),
  saved: new EventEmitter<TextDocument>(),
  notebookOpened: new EventEmitter<Notebook>(),
  notebookChanged: new EventEmitter<object>(),
  configuration: new EventEmitter<{ affectsConfiguration(section: string): boolean }>(),
  diagnostics: new EventEmitter<void>(),
};

/** What the test sets, and what the extension has shown or registered. */
export const seen = {
  settings: {} as Record<string, unknown>,
  pythonExtension: undefined as object | undefined,
  answer: undefined as string | undefined,
  clipboard: "",
  errors: [] as string[],
  status: {} as Record<string, unknown>,
  log: [] as string[],
  commands: new Map<string, () => unknown>(),
  diagnostics: new Map<string, values.Diagnostic[]>(),
  providers: [] as { kind: string; selector: Documents; provider: Provider }[],
};

const documents: TextDocument[] = [];
const notebooks: Notebook[] = [];

function matches(selector: Documents, document: TextDocument): number {
  const fits = ({ language, scheme, notebookType }: Documents[number]) =>
    (language ?? document.languageId) === document.languageId &&
    (scheme ?? document.uri.scheme) === document.uri.scheme &&
    (notebookType === undefined || document.notebook !== undefined);
  return [selector].flat().some(fits) ? 10 : 0;
}

/** An object that answers what it does not have with `absent`. */
function filled<T extends object>(known: T, absent: (name: string) => unknown): T {
  const get = (target: T, name: string | symbol) =>
    name in target || typeof name === "symbol" ? Reflect.get(target, name) : absent(name);
  return new Proxy(known, { get });
}

const nothing = () => new Disposable(() => {});
const registered = (kind: string) => (selector: Documents, provider: Provider) => {
  const entry = { kind, selector, provider };
  seen.providers.push(entry);
  return new Disposable(() => seen.providers.splice(seen.providers.indexOf(entry), 1));
};
const logged = (text: string) => void seen.log.push(text);
const channel = filled({ logLevel: 2, name: "einlint" }, (name) =>
  name.startsWith("on") ? nothing : logged,
);

const workspace = filled(
  {
    workspaceFolders: undefined,
    isTrusted: true,
    textDocuments: documents,
    notebookDocuments: notebooks,
    getConfiguration: (section?: string) => ({
      get: (name: string, fallback: unknown) => seen.settings[`${section}.${name}`] ?? fallback,
    }),
    createFileSystemWatcher: () => filled({ dispose() {} }, () => nothing),
    onDidOpenTextDocument: events.opened.event,
    onDidCloseTextDocument: events.closed.event,
    onDidChangeTextDocument: events.changed.event,
    onDidSaveTextDocument: events.saved.event,
    onDidOpenNotebookDocument: events.notebookOpened.event,
    onDidChangeNotebookDocument: events.notebookChanged.event,
    onDidChangeConfiguration: events.configuration.event,
  },
  () => nothing,
);

const languages = filled(
  {
    match: matches,
    createLanguageStatusItem: () => Object.assign(seen.status, { dispose() {} }),
    createDiagnosticCollection: () => ({
      set(uri: Uri, found: values.Diagnostic[]) {
        seen.diagnostics.set(uri.toString(), found);
        events.diagnostics.fire();
      },
      has: (uri: Uri) => seen.diagnostics.has(uri.toString()),
      delete: (uri: Uri) => seen.diagnostics.delete(uri.toString()),
      clear: () => seen.diagnostics.clear(),
      dispose: () => seen.diagnostics.clear(),
    }),
    registerHoverProvider: registered("hover"),
    registerCodeActionsProvider: registered("actions"),
  },
  () => nothing,
);

const known = {
  __esModule: true, // so that nobody copies the names that are here, and loses all others
  ...values,
  workspace,
  languages,
  version: "1.91.0",
  window: filled(
    {
      createOutputChannel: () => channel,
      tabGroups: { all: [], onDidChangeTabs: nothing, onDidChangeTabGroups: nothing },
      visibleTextEditors: [],
      visibleNotebookEditors: [],
      showErrorMessage: async (text: string) => {
        seen.errors.push(text);
        return seen.answer;
      },
    },
    () => nothing,
  ),
  commands: filled(
    {
      registerCommand(name: string, run: () => unknown) {
        seen.commands.set(name, run);
        return new Disposable(() => seen.commands.delete(name));
      },
    },
    () => nothing,
  ),
  env: {
    appName: "Node",
    language: "en",
    clipboard: { writeText: async (text: string) => void (seen.clipboard = text) },
  },
  extensions: {
    getExtension: () =>
      seen.pythonExtension && { activate: async () => ({ environments: seen.pythonExtension }) },
  },
  DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 },
  LanguageStatusSeverity: { Information: 0, Warning: 1, Error: 2 },
  NotebookCellKind: { Markup: 1, Code: 2 },
  LogLevel: { Off: 0, Trace: 1, Debug: 2, Info: 3 },
  UIKind: { Desktop: 1 },
};

const all = filled(known, (name) => (/^[A-Z]/.test(name) ? class {} : undefined));

/** The module that `require("vscode")` gives; the bundle copies its names, and keeps its prototype. */
export const vscode: object = Object.assign(Object.create(all), known);

export function open(name: string, text: string): TextDocument {
  const document = new TextDocument(Uri.file(name), text);
  documents.push(document);
  events.opened.fire(document);
  return document;
}

export function openNotebook(name: string, sources: string[]): TextDocument[] {
  const path = Uri.file(name);
  const cells = sources.map((text, index) => {
    const uri = Uri.parse(path.toString().replace(/^file:/, "vscode-notebook-cell:") + `#C${index}`);
    const document = new TextDocument(uri, text);
    return { index, kind: 2, document, metadata: {}, outputs: [] };
  });
  const notebook = {
    uri: path,
    notebookType: "jupyter-notebook",
    version: 1,
    metadata: {},
    isClosed: false,
    cellCount: cells.length,
    getCells: () => cells,
  };
  for (const { document } of cells) {
    document.notebook = notebook;
    documents.push(document);
    events.opened.fire(document);
  }
  notebooks.push(notebook);
  events.notebookOpened.fire(notebook);
  return cells.map((each) => each.document);
}

export function set(name: string, value: unknown): void {
  seen.settings[name] = value;
  events.configuration.fire({ affectsConfiguration: (section) => name.startsWith(section) });
}

/** What the server says next about the document, or has said if that satisfies. */
export async function diagnostics(
  document: TextDocument,
  enough: (found: values.Diagnostic[]) => boolean,
): Promise<values.Diagnostic[]> {
  for (;;) {
    const found = seen.diagnostics.get(document.uri.toString());
    if (found !== undefined && enough(found)) {
      return found;
    }
    await new Promise((resolve) => {
      const once = events.diagnostics.event(() => resolve(once.dispose()));
    });
  }
}

function provider(kind: string, document: TextDocument): Provider {
  const found = seen.providers.find(
    (each) => each.kind === kind && matches(each.selector, document) > 0,
  );
  if (found === undefined) {
    throw new Error(`nobody provides ${kind} for ${document.uri}`);
  }
  return found.provider;
}

export async function hover(document: TextDocument, place: values.Position): Promise<values.Hover> {
  const { token } = new values.CancellationTokenSource();
  return (await provider("hover", document)["provideHover"]!(document, place, token)) as values.Hover;
}

export async function actions(
  document: TextDocument,
  range: values.Range,
  only: string,
): Promise<values.CodeAction[]> {
  const { token } = new values.CancellationTokenSource();
  const diagnostics = seen.diagnostics.get(document.uri.toString()) ?? [];
  const context = { diagnostics, only: new values.CodeActionKind(only), triggerKind: 1 };
  const ask = provider("actions", document)["provideCodeActions"]!;
  return ((await ask(document, range, context, token)) ?? []) as values.CodeAction[];
}

/** Make the edits of an action of `asked`, as the editor does, and tell the extension. */
export async function apply(asked: TextDocument, action: values.CodeAction): Promise<void> {
  const whole = action.edit === undefined ? await resolved(asked, action) : action;
  for (const [uri, edits] of whole.edit?.edits ?? []) {
    const document = documents.find((each) => each.uri.toString() === uri)!;
    const offsets = edits.map(({ range, newText }) => ({
      start: document.offset(range.start),
      end: document.offset(range.end),
      newText,
    }));
    let text = document.getText();
    for (const { start, end, newText } of offsets.sort((a, b) => b.start - a.start)) {
      text = text.slice(0, start) + newText + text.slice(end);
    }
    document.replace(text);
    const contentChanges = [{ text, range: undefined, rangeOffset: 0, rangeLength: 0 }];
    events.changed.fire({ document, contentChanges, reason: undefined });
  }
}

/** The action with the edits that the editor requests once somebody has chosen it. */
async function resolved(document: TextDocument, action: values.CodeAction): Promise<values.CodeAction> {
  const { token } = new values.CancellationTokenSource();
  const resolve = provider("actions", document)["resolveCodeAction"];
  return ((await resolve?.(action, token)) ?? action) as values.CodeAction;
}

/** Save with `editor.codeActionsOnSave` or, in a notebook, `notebook.codeActionsOnSave`. */
export async function save(document: TextDocument, kind: string): Promise<void> {
  const everything = new values.Range(0, 0, document.getText().split("\n").length, 0);
  for (const action of await actions(document, everything, kind)) {
    await apply(document, action);
  }
  events.saved.fire(document);
}
