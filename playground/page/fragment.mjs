// The link of the page: what it shows, in the part of the address that browsers send to nobody.

/** What the address says; undefined if it says nothing. */
export function read() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (given.has("code")) {
    return { tab: "code", code: given.get("code"), pedantic: given.has("pedantic") };
  }
  if (given.has("equation")) {
    const dtype = given.get("dtype") ?? "float32";
    return { tab: "equation", equation: given.get("equation"), sizes: sizes(given), dtype };
  }
  return undefined;
}

function sizes(given) {
  const pairs = (given.get("sizes") ?? "").split(",").map((each) => each.split("="));
  const numbers = pairs.map(([label, text]) => [label, Number(text)]);
  return Object.fromEntries(numbers.filter(([, size]) => Number.isInteger(size) && size > 0));
}

/** Write the state into the address, without a new step back in the history. */
export function write(state) {
  const said = new URLSearchParams();
  if (state.tab === "code") {
    said.set("code", state.code);
    if (state.pedantic) {
      said.set("pedantic", "");
    }
  } else {
    said.set("equation", state.equation);
    const pairs = Object.entries(state.sizes).map(([label, size]) => `${label}=${size}`);
    if (pairs.length > 0) {
      said.set("sizes", pairs.join(","));
    }
    if (state.dtype !== "float32") {
      said.set("dtype", state.dtype);
    }
  }
  history.replaceState(null, "", `#${said}`);
}
