"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const every = (selector, from = document) => [...from.querySelectorAll(selector)];
  const store = {
    // A browser may refuse storage to a file.
    read(key) { try { return localStorage.getItem(`fintech-infra.${key}`); } catch { return null; } },
    write(key, value) { try { localStorage.setItem(`fintech-infra.${key}`, value); } catch { /* not kept */ } },
  };

  // Before anything is painted, so that nobody sees the other theme first.
  const themes = ["system", "light", "dark"];
  let theme = themes.includes(store.read("theme")) ? store.read("theme") : "system";
  const wear = () => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  };
  const name = () => { byId("ui-theme-name").textContent = theme; };
  wear();

  document.addEventListener("DOMContentLoaded", () => {
    const say = (text) => { byId("ui-said").textContent = text; };

    for (const part of every(".scripted")) part.hidden = false;

    byId("ui-theme").addEventListener("click", () => {
      theme = themes[(themes.indexOf(theme) + 1) % themes.length];
      wear();
      store.write("theme", theme);
      name();
      say(`Theme: ${theme}`);
    });
    name();

    const groups = every(".group").map((element) => {
      const findings = every(".finding", element);
      const head = element.querySelector("summary").textContent + element.querySelector(".advice").textContent;
      return {
        element,
        details: element.querySelector("details"),
        summary: element.querySelector("summary"),
        head: head.toLowerCase(),
        severity: element.dataset.severity,
        service: element.dataset.service,
        frameworks: element.dataset.frameworks.split("|"),
        findings: findings.map((item) => ({ element: item, text: item.textContent.toLowerCase(), section: item.dataset.section })),
      };
    });
    const filter = byId("ui-filter");
    const search = byId("ui-search");

    const apply = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const chosen = (name) => every(`input[name=${name}]:checked`, filter).map((box) => box.value);
      const severities = chosen("severity");
      const sections = chosen("section");
      const service = byId("ui-service").value;
      const framework = byId("ui-framework").value;
      let shown = 0;
      let total = 0;
      for (const group of groups) {
        const fits = (severities.length === 0 || severities.includes(group.severity))
          && (service === "" || service === group.service)
          && (framework === "" || group.frameworks.includes(framework));
        let visible = 0;
        for (const finding of group.findings) {
          const found = fits
            && (sections.length === 0 || sections.includes(finding.section))
            && words.every((word) => group.head.includes(word) || finding.text.includes(word));
          finding.element.hidden = !found;
          visible += found ? 1 : 0;
        }
        group.element.hidden = visible === 0;
        shown += visible;
        total += group.findings.length;
      }
      byId("ui-shown").value = shown === total ? `${total} shown` : `${shown} of ${total} shown`;
      byId("ui-nothing").hidden = shown > 0;
    };

    const reveal = (id) => {
      const target = id && document.getElementById(id);
      if (!target) return;
      const group = target.closest(".group");
      if (group && group.hidden) { filter.reset(); apply(); }
      for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
      if (group) group.querySelector("details").open = true;
      target.scrollIntoView();
    };
    const fragment = () => { try { return decodeURIComponent(location.hash.slice(1)); } catch { return ""; } };
    window.addEventListener("hashchange", () => reveal(fragment()));

    if (filter) {
      filter.addEventListener("input", apply);
      byId("ui-clear").addEventListener("click", () => { filter.reset(); apply(); });
      filter.addEventListener("submit", (event) => event.preventDefault());
      byId("ui-open").addEventListener("click", () => { for (const group of groups) group.details.open = true; });
      byId("ui-close").addEventListener("click", () => { for (const group of groups) group.details.open = false; });
      apply();

      const keys = byId("ui-keys");
      keys.checked = store.read("keys") !== "off";
      keys.addEventListener("change", () => store.write("keys", keys.checked ? "on" : "off"));
      const step = (event, by) => {
        const seen = groups.filter((group) => !group.element.hidden).map((group) => group.summary);
        const at = seen.indexOf(document.activeElement);
        if (at < 0 && document.activeElement !== search) return;
        const next = seen[at < 0 ? (by > 0 ? 0 : -1) : at + by];
        if (next) { event.preventDefault(); next.focus(); next.scrollIntoView({ block: "nearest" }); }
        else if (by < 0) { event.preventDefault(); search.focus(); }
      };
      document.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const typing = event.target.closest("input, select, textarea");
        if (event.key === "/" && keys.checked && (!typing || typing.type === "checkbox")) {
          event.preventDefault();
          search.focus();
          search.select();
        } else if (event.key === "ArrowDown") step(event, 1);
        else if (event.key === "ArrowUp") step(event, -1);
        else if (event.key === "Escape" && document.activeElement === search) { search.value = ""; apply(); }
      });
    }

    for (const link of every(".copy")) {
      link.addEventListener("click", () => {
        const text = link.href;
        if (!navigator.clipboard) return;
        navigator.clipboard.writeText(text).then(() => {
          link.lastElementChild.textContent = "Link copied";
          say("Link copied");
        }, () => { /* the address bar has it */ });
      });
    }

    let closed = [];
    window.addEventListener("beforeprint", () => {
      closed = every("details:not([open])");
      for (const item of closed) item.open = true;
    });
    window.addEventListener("afterprint", () => { for (const item of closed) item.open = false; });

    const contents = new Map(every(".contents a").map((link) => [link.hash.slice(1), link]));
    const watch = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const link = contents.get(entry.target.id);
        if (entry.isIntersecting) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    }, { rootMargin: "-15% 0px -75% 0px" });
    for (const id of contents.keys()) watch.observe(byId(id));

    reveal(fragment());
  });
})();
