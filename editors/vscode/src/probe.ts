// What a Python has: einlint and its language server, or what is missing.

import { execFile } from "node:child_process";

/** The address of einlint's repository, written by `scripts/build.mjs`. */
declare const REPOSITORY: string;

/** Older ones cannot install einlint. */
const OLDEST = [3, 11] as const;
const LONGEST_MILLISECONDS = 60_000;

const SCRIPT = `
import json, sys
found = {"python": sys.executable, "numbers": sys.version_info[:2]}
try:
    import einlint, pygls
    found["version"] = einlint.__version__
except ImportError as error:
    found["missing"] = error.name
print(json.dumps(found))
`;

/** A Python that can serve, or why it cannot. */
export type Probed =
  | { readonly kind: "ready"; readonly python: string; readonly version: string }
  | { readonly kind: "unusable"; readonly message: string; readonly command?: string };

interface Answer {
  readonly python: string;
  readonly numbers: readonly [number, number];
  readonly version?: string;
  readonly missing?: string;
}

/** So that a file of the workspace, such as `typing.py`, is never imported in place of a module. */
export function environment(): NodeJS.ProcessEnv {
  return { ...process.env, PYTHONSAFEPATH: "1" };
}

/** The first Python that can serve; else why the first one that runs cannot. */
export async function firstUsable(pythons: readonly string[]): Promise<Probed> {
  const answers = await Promise.all(pythons.map(asked));
  const probed = answers.filter((each) => each !== undefined).map(judged);
  const message = `einlint found no Python: ${pythons.join(", ")} cannot be run.`;
  const none: Probed = { kind: "unusable", message };
  return probed.find((each) => each.kind === "ready") ?? probed[0] ?? none;
}

function judged({ python, numbers, version, missing }: Answer): Probed {
  if (version !== undefined) {
    return { kind: "ready", python, version };
  }
  if (numbers[0] < OLDEST[0] || (numbers[0] === OLDEST[0] && numbers[1] < OLDEST[1])) {
    const message = `einlint needs Python ${OLDEST.join(".")} or later; ${python} is ${numbers.join(".")}.`;
    return { kind: "unusable", message };
  }
  const what = missing === "einlint" ? "einlint is" : `einlint's language server (${missing}) is`;
  const command = `"${python}" -m pip install "einlint[lsp] @ git+${REPOSITORY}"`;
  const message = `${what} not installed in ${python}. Install it with: ${command}`;
  return { kind: "unusable", message, command };
}

function asked(python: string): Promise<Answer | undefined> {
  const options = { env: environment(), timeout: LONGEST_MILLISECONDS };
  return new Promise((resolve) => {
    execFile(python, ["-c", SCRIPT], options, (error, output) => {
      try {
        resolve(error === null ? JSON.parse(output) : undefined);
      } catch {
        resolve(undefined); // it is no Python
      }
    });
  });
}
