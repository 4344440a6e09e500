/** The script of the page. Without it everything is still there: it opens what is chosen, filters the hosts, and prepares for print. */
export const SCRIPT = `(() => {
  "use strict";
  const hosts = [...document.querySelectorAll("details.host")];
  const filter = document.querySelector(".filter");
  const search = document.querySelector("#host-search");
  const only = document.querySelector("#host-only");
  const shown = document.querySelector("#host-count");

  function apply() {
    const words = search.value.toLowerCase().split(/\\s+/).filter((word) => word !== "");
    let count = 0;
    for (const host of hosts) {
      const text = host.dataset.words;
      host.hidden = !(words.every((word) => text.includes(word)) && (!only.checked || host.dataset.found === "yes"));
      if (!host.hidden) count++;
    }
    shown.textContent = count + " of " + hosts.length;
  }

  function choose(id) {
    const target = document.getElementById(id);
    const details = target === null ? null : target.closest("details");
    if (details === null) return;
    if (details.hidden) {
      search.value = "";
      only.checked = false;
      apply();
    }
    details.open = true;
    details.scrollIntoView({ block: "start" });
    details.querySelector("summary").focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    const href = link === null ? null : link.getAttribute("href");
    if (href === null || !href.startsWith("#")) return;
    const id = href.slice(1);
    const target = document.getElementById(id);
    if (target === null || target.closest("details") === null) return;
    event.preventDefault();
    history.pushState(null, "", href);
    choose(id);
  });
  addEventListener("popstate", () => choose(location.hash.slice(1)));
  choose(location.hash.slice(1));

  if (filter !== null) {
    filter.hidden = false;
    search.addEventListener("input", apply);
    only.addEventListener("change", apply);
    apply();
  }

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")].filter((one) => one.dataset.found !== "no");
    for (const one of opened) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
  });
})();
`;
