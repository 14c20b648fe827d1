// The answer about a source: its findings with their fixes, or why there are none.

import { byId, element, prose, show } from "./elements.mjs";

const WORST = { error: 0, warning: 1, info: 2 };

/** Show the findings; `fix` is told of the number of one, `explain` of an equation. */
export function showCode(found, fix, explain) {
  const numbered = found.findings.map((finding, at) => ({ finding, at }));
  numbered.sort((a, b) => WORST[a.finding.severity] - WORST[b.finding.severity]);
  show(byId("code-summary"), summary(found));
  show(
    byId("code-answer"),
    found.unjudged.map((each) => element("p", { class: "note" }, prose(each))),
    numbered.map(({ finding, at }) => card(finding, at, fix, explain)),
  );
  byId("fix-all").disabled = !found.findings.some((each) => each.fix?.applicability === "safe");
}

function summary({ calls, findings, hidden, unjudged, has_word: hasWord }) {
  const more = hidden > 0 ? `; ${hidden} more with every other spelling` : "";
  if (findings.length > 0) {
    return `${counted(calls, "einsum call")}, ${counted(findings.length, "finding")}${more}.`;
  }
  if (calls > 0) {
    const said = more || `, and nothing to say about ${calls === 1 ? "it" : "them"}`;
    return `${counted(calls, "einsum call")}${said}.`;
  }
  if (unjudged.length > 0) {
    return "No einsum call that can be judged:";
  }
  return hasWord
    ? "This text holds no call of einsum that einlint knows: is it imported (import torch)?"
    : "This text holds no einsum.";
}

const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

function card(finding, at, fix, explain) {
  const { code, message, location, equation, unmet, notes, severity } = finding;
  const place = element(
    "button", { type: "button", class: "place", click: () => select(finding) },
    `line ${location.row}, column ${location.column}`,
  );
  const isSafe = finding.fix?.applicability === "safe";
  const applied = finding.fix?.edits.length
    ? element("button", { type: "button", class: "apply", click: () => fix(at) }, isSafe ? "Apply" : "Apply, though not proved safe")
    : undefined;
  const explained = equation
    ? element("button", { type: "button", class: "explain", click: () => explain(equation) }, "Show the equation")
    : undefined;
  return element(
    "article", { class: severity },
    element("p", {}, element("strong", {}, code), " ", prose(message), " ", place),
    finding.fix ? element("p", {}, prose(finding.fix.message)) : undefined,
    element("ul", {}, unmet.map((each) => element("li", {}, "safe if ", prose(each))), notes.map((each) => element("li", {}, prose(each)))),
    changes(finding),
    element("p", { class: "row" }, applied, explained),
  );
}

function changes(finding) {
  if (finding.changes.length === 0) {
    return undefined;
  }
  const line = (tag, sign) => (text) => [element(tag, {}, `${sign} ${text}`), "\n"];
  const lines = finding.changes.flatMap(({ removed, added }) => [
    removed.map(line("del", "-")),
    added.map(line("ins", "+")),
  ]);
  return element("pre", { class: "diff" }, lines.flat(3));
}

/** Select the text of a finding; rows and columns count from 1, and columns count characters. */
function select({ location, end_location: end }) {
  const text = byId("code-text");
  const lines = text.value.split("\n");
  const offset = ({ row, column }) => {
    const before = lines.slice(0, row - 1).reduce((sum, each) => sum + each.length + 1, 0);
    return before + [...(lines[row - 1] ?? "")].slice(0, column - 1).join("").length;
  };
  text.focus();
  text.setSelectionRange(offset(location), offset(end));
}
