"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const get = async (url, signal) => {
    const answer = await fetch(url, { signal, cache: "no-store" });
    if (!answer.ok) throw new Error(answer.statusText);
    return answer.text();
  };

  // Buttons that copy, where the browser lets a page do so.
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

  // The search, as it is typed: the server finds, in all of the examples.
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
      } catch { /* A later one was typed, or the server is gone: the list stays. */ }
    };
    form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(find, 60); });
    form.addEventListener("submit", (event) => { event.preventDefault(); find(); });
  }

  // The log, as requests come.
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
            // Smaller numbers are those of a server that was started again.
            if (last <= Number(log.dataset.last)) log.replaceChildren();
            log.dataset.last = at("count").textContent = last;
            for (const entry of added) entry.classList.add("new");
            dress(part.content);
            log.prepend(...added);
            while (log.children.length > Number(log.dataset.most)) log.lastElementChild.remove();
            at("empty")?.remove();
          }
        } catch { /* The server is gone for now. */ }
      }
      setTimeout(poll, 1000);
    };
    setTimeout(poll, 1000);
  }
})();
