"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const get = async (url, signal) => {
    const response = await fetch(url, { signal, cache: "no-store" });
    if (!response.ok) throw new Error(response.statusText);
    return response.text();
  };

  // Shows copy buttons if the browser permits copying, and formats times in local time.
  const dress = (part) => {
    if (navigator.clipboard) for (const button of part.querySelectorAll(".copy")) button.hidden = false;
    for (const time of part.querySelectorAll("time"))
      time.textContent = new Date(Number(time.dataset.at)).toLocaleTimeString([], { hour12: false });
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest(".copy");
    if (!button) return;
    const text = button.textContent;
    button.textContent = await navigator.clipboard.writeText(button.dataset.copy).then(() => "copied", () => "failed");
    setTimeout(() => { button.textContent = text; }, 1200);
  });
  dress(document);

  // Search as you type; the server searches all examples.
  const form = at("search");
  if (form) {
    let going = new AbortController(), waiting;
    const find = async () => {
      going.abort();
      going = new AbortController();
      const query = new URLSearchParams(new FormData(form));
      const url = "/__docproof/?" + query;
      try {
        at("list").innerHTML = await get(url + "&part=list", going.signal);
        dress(at("list"));
        history.replaceState(null, "", query.get("q") ? url : "/__docproof/");
      } catch { /* Superseded by a later search, or the server is gone: keep the list. */ }
    };
    form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(find, 60); });
    form.addEventListener("submit", (event) => { event.preventDefault(); find(); });
  }

  // Polls the log for new requests.
  const log = at("log");
  if (log) {
    at("follow").closest("p").hidden = false;
    const poll = async () => {
      if (at("follow").checked && !document.hidden) {
        const part = document.createElement("template");
        try {
          part.innerHTML = await get("/__docproof/log?after=" + log.dataset.last);
          const added = [...part.content.querySelectorAll(".entry")];
          if (added.length) {
            const last = Number(added[0].dataset.number);
            // A smaller number means that the server was restarted.
            if (last <= Number(log.dataset.last)) log.replaceChildren();
            log.dataset.last = at("count").textContent = last;
            for (const entry of added) entry.classList.add("new");
            dress(part.content);
            log.prepend(...added);
            while (log.children.length > Number(log.dataset.most)) log.lastElementChild.remove();
            at("empty")?.remove();
          }
        } catch { /* The server is gone; try again. */ }
      }
      setTimeout(poll, 1000);
    };
    setTimeout(poll, 1000);
  }
})();
