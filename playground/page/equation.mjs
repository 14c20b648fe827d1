// The answer about an equation: picture, roles and sizes, cost, and what may stand in its place.

import { byId, element, number, prose, show, svg } from "./elements.mjs";

/** What a slider can be set to: halves between the powers of two; the number beside it takes any. */
const STEPS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024];
STEPS.push(1536, 2048, 3072, 4096, 6144, 8192, 16384, 32768, 65536);
const LARGEST = 2 ** 40;
const BATCH = 8;
const OTHER = 64;

/** The sizes of all indices: those that are known, else some that are often met. */
export function filled(indices, sizes) {
  const usual = ({ name }) => (name === "batch" ? BATCH : OTHER);
  return Object.fromEntries(indices.map((each) => [each.label, sizes[each.label] ?? usual(each)]));
}

/** Show why there is no answer, with a mark below the letter. */
export function showError(place, text, error) {
  const at = error?.column;
  const before = at === undefined ? "" : [...text].slice(0, at).join("");
  const marked = at === undefined ? undefined : element("pre", {}, `${text}\n${" ".repeat([...before].length)}^`);
  show(place, error === undefined ? [] : [element("p", { class: "error" }, prose(error.message)), marked]);
}

/** Show the answer; `resized` is told of an index and its new size. */
export function showEquation(found, resized) {
  show(byId("equation-headline"), headline(found));
  const table = byId("sizes");
  const isSame = table !== null && table.dataset.labels === key(found);
  const parts = [picture(found), doubts(found), cost(found), order(found), replacement(found), text(found)];
  if (isSame) {
    // The sliders stay: one of them may be under the finger, or have the focus.
    found.indices.forEach(update);
    show(byId("equation-parts"), parts);
    return;
  }
  const below = element("div", { id: "equation-parts" }, parts);
  show(byId("equation-answer"), indices(found, resized), below);
}

const key = (found) => found.indices.map((each) => `${each.label}:${each.name}`).join(" ");

function headline(found) {
  const said = [found.headline, found.advice_text];
  return said.map((each, place) => element("p", { class: place === 0 ? "headline" : "advice" }, each));
}

function indices(found, resized) {
  const rows = found.indices.map((each) => {
    const { label, name, meaning, form, size } = each;
    const slider = element("input", {
      type: "range", min: 0, max: STEPS.length - 1, step: 1, id: `slide-${label}`,
      "aria-label": `size of ${label}`,
      input: ({ target }) => resized(label, STEPS[target.value]),
    });
    const exact = element("input", {
      type: "number", min: 1, max: LARGEST, id: `size-${label}`, "aria-label": `exact size of ${label}`,
      input: ({ target }) => target.validity.valid && target.value && resized(label, Number(target.value)),
    });
    place(slider, size);
    exact.value = size;
    return element(
      "tr", {},
      element("th", { scope: "row", class: `role ${form}` }, label),
      element("td", {}, element("span", { class: "name" }, name), ` ${meaning}`),
      element("td", { class: "size" }, slider, exact),
    );
  });
  const head = ["index", "role", "size"].map((each) => element("th", { scope: "col" }, each));
  return element(
    "table", { id: "sizes", "data-labels": key(found) },
    element("thead", {}, element("tr", {}, head)),
    element("tbody", {}, rows),
  );
}

function place(slider, size) {
  slider.value = STEPS.findLastIndex((each) => each <= size);
  slider.setAttribute("aria-valuetext", String(size));
}

function update({ label, size }) {
  place(byId(`slide-${label}`), size);
  const exact = byId(`size-${label}`);
  if (exact !== document.activeElement) {
    exact.value = size;
  }
}

function picture(found) {
  return element("figure", {}, svg(found.picture));
}

function doubts(found) {
  if (found.doubts.length === 0) {
    return undefined;
  }
  const said = found.doubts.map(({ code, text: why }) => element("li", {}, `${code}: `, prose(why)));
  return element("div", { class: "question" }, element("h2", {}, "Is this meant?"), element("ul", {}, said));
}

function cost(found) {
  if (found.flops === null) {
    return undefined;
  }
  const { total } = found.flops;
  const pairs = [
    ["FLOPs", number(total)],
    ["bytes", `${number(found.bytes)} in ${found.dtype}`],
    ["intensity", `${(total / (found.bytes || 1)).toFixed(2)} FLOPs a byte`],
  ];
  const rows = pairs.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]);
  const model = "Bytes are a model: every operand is read once, the result written once.";
  return element("div", {}, element("h2", {}, "Cost"), element("dl", { id: "cost" }, rows), element("p", { class: "note" }, model));
}

function order(found) {
  const best = found.order?.best;
  if (!best) {
    return undefined;
  }
  const factor = ({ labels, operand }) => `${labels}${operand === null ? "" : ` (operand ${operand})`}`;
  const steps = best.steps.map((each) =>
    element("li", {}, `${factor(each.left)} with ${factor(each.right)} gives ${each.result || "a number"}: ${number(each.flops)} FLOPs`),
  );
  const written = found.order.left_to_right.flops.total;
  const compared = `${number(best.flops.total)} FLOPs; from left to right ${number(written)}.`;
  return element("div", {}, element("h2", {}, "Best order"), element("ol", {}, steps), element("p", {}, compared));
}

function replacement(found) {
  const { replacement: one, other_spellings: others } = found;
  if (one === null) {
    const said = others.map(({ text: code, condition }) =>
      element("li", {}, element("code", {}, code), condition ? ` if ${condition}` : ""),
    );
    const heading = element("h2", {}, "Where einsum cannot be used");
    return said.length === 0 ? undefined : element("div", {}, heading, element("ul", {}, said));
  }
  const terms = one.assumptions.map(({ name, text: what, proved_by: proof, granted }) => {
    const state = proof !== null ? "proved" : granted ? "granted" : "missing";
    const why = proof === null ? "" : proof.startsWith("--size") ? " by these sizes" : ` by ${proof}`;
    return element("li", { class: state }, `${state}${why}: `, prose(what), ` (${name})`);
  });
  const notes = one.notes.map((each) => element("li", {}, prose(each)));
  return element(
    "div", {},
    element("h2", {}, "Replacement"),
    element("pre", { id: "replacement" }, one.text),
    element("ul", {}, terms, notes),
  );
}

function text(found) {
  const isOpen = byId("as-text")?.open ?? false;
  return element(
    "details", { id: "as-text", open: isOpen },
    element("summary", {}, "As text"),
    element("pre", {}, found.text.trim()),
  );
}
