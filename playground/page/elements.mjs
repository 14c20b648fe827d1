// Elements of the page; text is text, whatever it holds.

/** An element with attributes (functions listen to events) and children. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      made.addEventListener(name, value);
    } else if (value !== undefined && value !== false) {
      made.setAttribute(name, value === true ? "" : value);
    }
  }
  made.append(...children.flat().filter((each) => each !== undefined));
  return made;
}

/** A text in which what stands between backticks is code. */
export function prose(text) {
  return text
    .split("`")
    .map((part, place) => (place % 2 === 0 ? part : element("code", {}, part)));
}

export const byId = (id) => document.getElementById(id);

/** Replace the children, if there are others now. */
export function show(place, ...children) {
  place.replaceChildren(...children.flat().filter((each) => each !== undefined));
}

/** A picture that Python has drawn. */
export function svg(text) {
  const read = new DOMParser().parseFromString(text, "image/svg+xml");
  return document.importNode(read.documentElement, true);
}

export function number(value) {
  return value.toLocaleString("en");
}
