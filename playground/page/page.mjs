// The page: tabs, what is typed, the link, and the state between them.

import { showCode } from "./code.mjs";
import { byId, element, show } from "./elements.mjs";
import { filled, showEquation, showError } from "./equation.mjs";
import { read, write } from "./fragment.mjs";
import { latest, Python } from "./python.mjs";

const EXAMPLES = {
  "scores of attention": "bhqd,bhkd->bhqk",
  "a mistyped index": "bnsk,bnsh->bnsh",
  "three operands": "bi,oij,bj->bo",
  "a permutation": "bshd->bhsd",
  "a diagonal": "ii->i",
  "a linear layer": "bti,oi->bto",
};
const SOURCE = `import torch


def attention(q, k, v):
    scores = torch.einsum("bhqd,bhkd->bhqk", q, k) / 8
    weights = torch.softmax(scores, dim=-1)
    return torch.einsum("bhqk,bhkd->bhqd", weights, v)


def project(x, weight, bias):
    return torch.einsum("bti,oi->bto", x, weight) + bias
`;
const TYPING = 150; // milliseconds without a change before a text is checked

const state = { tab: "equation", equation: "bhqd,bhkd->bhqk", sizes: {}, dtype: "float32", code: SOURCE, pedantic: false };
let undo;
let said = "";

const python = new Python((step, isFailed) => {
  said = step;
  show(byId("status"), step === "" ? "Ready." : isFailed ? step : `einlint ${step} …`);
  byId("status").className = isFailed ? "error" : step === "" ? "ready" : "loading";
});
const ask = (question) => python.ask(question);

const askEquation = latest(ask, ({ answer, error }, { text }) => {
  showError(byId("equation-error"), text, error);
  byId("equation-text").setAttribute("aria-invalid", String(error !== undefined));
  for (const name of ["equation-headline", "equation-answer"]) {
    byId(name).classList.toggle("stale", error !== undefined);
  }
  if (answer === undefined) {
    return;
  }
  const sizes = filled(answer.indices, state.sizes);
  state.sizes = sizes;
  if (answer.missing_sizes.length > 0) {
    checkEquation();
    return;
  }
  showEquation(answer, (label, size) => {
    state.sizes[label] = size;
    checkEquation();
  });
});

const askCode = latest(ask, ({ answer, error }, question) => {
  showError(byId("code-error"), "", error);
  if (answer === undefined) {
    return;
  }
  if (answer.text !== question.text) {
    undo = question.text;
    byId("undo").disabled = false;
    byId("code-text").value = state.code = answer.text;
    write(state);
    byId("code-summary").focus(); // the button that was pressed goes away
  }
  showCode(answer, (number) => askCode({ ...codeQuestion("fixed"), number }), explain);
});

function checkEquation() {
  write(state);
  askEquation({ about: "equation", text: state.equation, sizes: state.sizes, dtype: state.dtype });
}

function codeQuestion(about) {
  return { about, text: state.code, pedantic: state.pedantic };
}

function checkCode() {
  write(state);
  askCode(codeQuestion("code"));
}

function explain(equation) {
  Object.assign(state, { tab: "equation", equation, sizes: {} });
  render();
  byId("equation-text").focus();
}

/** Show the state: the tab, the texts in it, and their answers. */
function render() {
  for (const name of ["equation", "code"]) {
    const isShown = state.tab === name;
    byId(name).hidden = !isShown;
    byId(`${name}-tab`).setAttribute("aria-selected", String(isShown));
    byId(`${name}-tab`).tabIndex = isShown ? 0 : -1;
  }
  byId("equation-text").value = state.equation;
  byId("dtype").value = state.dtype;
  byId("code-text").value = state.code;
  byId("pedantic").checked = state.pedantic;
  if (state.tab === "equation") {
    checkEquation();
  } else {
    checkCode();
  }
}

function open(tab) {
  state.tab = tab;
  render();
}

/** What a change of a text leads to, once nobody has typed for a while. */
function whenTyped(id, changed) {
  let timer;
  byId(id).addEventListener("input", ({ target }) => {
    clearTimeout(timer);
    timer = setTimeout(() => changed(target.value), TYPING);
  });
}

function listen() {
  for (const name of ["equation", "code"]) {
    byId(`${name}-tab`).addEventListener("click", () => open(name));
    byId(`${name}-tab`).addEventListener("keydown", ({ key }) => {
      if (key === "ArrowLeft" || key === "ArrowRight") {
        open(name === "equation" ? "code" : "equation");
        byId(`${state.tab}-tab`).focus();
      }
    });
  }
  whenTyped("equation-text", (text) => {
    state.equation = text;
    checkEquation();
  });
  whenTyped("code-text", (text) => {
    state.code = text;
    checkCode();
  });
  byId("dtype").addEventListener("change", ({ target }) => {
    state.dtype = target.value;
    checkEquation();
  });
  byId("pedantic").addEventListener("change", ({ target }) => {
    state.pedantic = target.checked;
    checkCode();
  });
  byId("fix-all").addEventListener("click", () => askCode(codeQuestion("all fixed")));
  byId("undo").addEventListener("click", () => {
    state.code = undo;
    byId("undo").disabled = true;
    render();
  });
  byId("link").addEventListener("click", copyLink);
  addEventListener("hashchange", fromAddress);
  for (const [name, equation] of Object.entries(EXAMPLES)) {
    const attributes = { type: "button", class: "example", title: equation, click: () => explain(equation) };
    byId("examples").append(element("button", attributes, name));
  }
}

async function copyLink() {
  try {
    await navigator.clipboard.writeText(location.href);
    show(byId("status"), "The link is copied; it holds the text.");
  } catch {
    show(byId("status"), "The link is in the address bar; it holds the text.");
  }
  setTimeout(() => said === "" && show(byId("status"), "Ready."), 4000);
}

function fromAddress() {
  Object.assign(state, read() ?? {});
  render();
}

listen();
fromAddress();
