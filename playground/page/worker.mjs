// The worker: Python with einlint in it, which answers one question after another.

import { loadPyodide } from "./pyodide/pyodide.mjs";

const beside = (name) => new URL(name, import.meta.url).href;
const say = (step) => postMessage({ step });

async function started() {
  say("loads Python");
  const unpacked = fetch(beside("einlint.zip")).then((found) => {
    if (!found.ok) {
      throw new Error(`einlint.zip: ${found.status}`);
    }
    return found.arrayBuffer();
  });
  const python = await loadPyodide({ indexURL: beside("pyodide/") });
  say("loads einlint");
  python.unpackArchive(await unpacked, "zip", { extractDir: "/einlint" });
  python.runPython("import sys; sys.path.insert(0, '/einlint')");
  const { answer } = python.pyimport("answers");
  say("");
  return answer;
}

const ready = started();
ready.catch((error) => postMessage({ failed: String(error?.message ?? error) }));

addEventListener("message", async ({ data: { number, question } }) => {
  const answer = await ready;
  postMessage({ number, text: answer(JSON.stringify(question)) });
});
