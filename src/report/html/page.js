(() => {
  "use strict";
  const list = document.getElementById("list");
  const tools = document.getElementById("tools");
  const find = document.getElementById("find");
  const shown = document.getElementById("shown");
  const none = document.getElementById("none");
  const rows = [...list.children];
  const classes = rows.map((row) => row.className.split(" "));
  const visible = rows.map(() => true);
  const noun = list.dataset.noun;
  let texts = null;
  const number = (n) => n.toLocaleString("en");
  // The searchable text of a row includes its details.
  const textsOfRows = () => (texts ??= rows.map((row) => row.textContent.toLowerCase()));
  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const show = new FormData(tools).get("show") ?? "all";
    const known = words.length ? textsOfRows() : null;
    let count = 0;
    for (let at = 0; at < rows.length; at++) {
      const fits = (show === "all" || classes[at].includes(show)) && words.every((word) => known[at].includes(word));
      if (fits !== visible[at]) {
        visible[at] = fits;
        rows[at].hidden = !fits;
      }
      if (fits) count++;
    }
    shown.textContent = count === rows.length ? `${number(count)} ${noun}${count === 1 ? "" : "s"}` : `${number(count)} of ${number(rows.length)}`;
    none.hidden = count > 0;
  };
  tools.hidden = false;
  tools.addEventListener("input", filter);
  tools.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== find && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      find.focus();
    } else if (event.key === "Escape" && document.activeElement === find) {
      find.value = "";
      filter();
    }
  });
  filter();
})();
