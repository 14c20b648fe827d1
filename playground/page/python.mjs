// Ask Python: questions go to the worker, answers come back; what was asked first is answered first.

/** A worker of its own address would not be bound by the page's policy; a blob is. */
function start() {
  const text = `import ${JSON.stringify(new URL("worker.mjs", import.meta.url).href)};`;
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  return new Worker(address, { type: "module" });
}

export class Python {
  #worker = start();
  #waiting = new Map();
  #number = 0;

  /** say: told what Python does while it starts ("" when it has), and why it cannot. */
  constructor(say) {
    this.#worker.addEventListener("message", ({ data }) => {
      if (data.number !== undefined) {
        this.#waiting.get(data.number)(JSON.parse(data.text));
        this.#waiting.delete(data.number);
      } else if (data.failed !== undefined) {
        say(`einlint could not be loaded: ${data.failed}`, true);
      } else {
        say(data.step, false);
      }
    });
    this.#worker.addEventListener("error", () => say("einlint could not be loaded", true));
  }

  /** The answer to a question, as `answers.py` gives it. */
  ask(question) {
    const number = ++this.#number;
    this.#worker.postMessage({ number, question });
    return new Promise((resolve) => this.#waiting.set(number, resolve));
  }
}

/** Asks one after another, and only the last of the questions that came meanwhile. */
export function latest(ask, show) {
  let next;
  let isBusy = false;
  return async (question) => {
    next = question;
    if (isBusy) {
      return;
    }
    isBusy = true;
    while (next !== undefined) {
      const asked = next;
      next = undefined;
      const answer = await ask(asked);
      if (next === undefined) {
        show(answer, asked);
      }
    }
    isBusy = false;
  };
}
