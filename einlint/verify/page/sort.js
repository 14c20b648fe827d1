for (const table of document.querySelectorAll("table.sortable")) {
  const headings = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  headings.forEach((heading, column) => heading.firstChild.addEventListener("click", () => {
    const down = heading.ariaSort !== "descending";
    for (const each of headings) each.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...body.rows].map(row => {
      const cell = row.cells[column];
      return {row, key: Number(cell.dataset.key ?? NaN), text: cell.textContent};
    });
    rows.sort((a, b) => {
      if (isNaN(a.key) !== isNaN(b.key)) return isNaN(a.key) ? 1 : -1;
      const order = isNaN(a.key) ? a.text.localeCompare(b.text) : a.key - b.key;
      return down ? -order : order;
    });
    body.append(...rows.map(each => each.row));
  }));
}
