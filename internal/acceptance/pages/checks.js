"use strict";
// What the tests ask of a page. Each function returns a list of faults in
// words, or what its name says.
window.checks = (() => {
  const name = (e) => {
    const text = (e.getAttribute("aria-label") || e.textContent || "").trim().replace(/\s+/g, " ").slice(0, 40);
    return `<${e.localName}${e.id ? ` id="${e.id}"` : ""}${e.className && e.className.baseVal === undefined ? ` class="${e.className}"` : ""}> ${text}`;
  };
  const seen = (e) => e.checkVisibility({ checkVisibilityCSS: true }) && e.getClientRects().length > 0;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)].filter(seen);
  const controls = "a[href], button, input:not([type=hidden]), select, textarea, summary";

  // A link in a line of text is as high as the line, and may be.
  const inText = (e) => {
    if (e.localName !== "a" || getComputedStyle(e).display !== "inline") return false;
    const around = e.parentElement.textContent.trim();
    return around.length > e.textContent.trim().length || e.closest("td, th, li, p, dd, h1, h2, h3") !== null;
  };

  // What is clicked: the control, and the labels that stand for it.
  const area = (e) => {
    const box = e.getBoundingClientRect();
    let [width, height] = [box.width, box.height];
    for (const label of e.labels || []) {
      const of = label.getBoundingClientRect();
      width = Math.max(width, of.width);
      height = Math.max(height, of.height);
    }
    return [width, height];
  };

  // A group of radio buttons is one stop.
  const stops = () => {
    const groups = new Set();
    return all(controls).filter((e) => {
      if (e.disabled || e.tabIndex < 0) return false;
      if (e.type !== "radio") return true;
      const group = e.form && e.name;
      const first = !groups.has(group);
      groups.add(group);
      return first;
    });
  };
  const stopOf = (e) => (e.type === "radio" ? `radio ${e.name}` : stops().indexOf(e));

  const outlined = (e) => {
    const style = getComputedStyle(e);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
  };

  // The rules of axe that ask for places, sizes and colours of what shows.
  const ofView = ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"];
  let examined = [];

  return {
    overflow() {
      const root = document.documentElement;
      if (root.scrollWidth <= window.innerWidth) return [];
      const wide = all("body *").filter((e) => e.getBoundingClientRect().right > window.innerWidth + 1);
      return [`the page is ${root.scrollWidth} pixels wide in a window of ${window.innerWidth}: ${wide.slice(-3).map(name).join("; ")}`];
    },

    cut() {
      return all("body *")
        .filter((e) => getComputedStyle(e).overflowX === "hidden" && e.scrollWidth > e.clientWidth + 1)
        .filter((e) => e.localName !== "svg" && getComputedStyle(e).clipPath !== "inset(50%)") // for screen readers alone
        .map((e) => `cut off: ${name(e)}`);
    },

    targets() {
      return all(controls)
        .filter((e) => !inText(e) && !e.classList.contains("skip"))
        .map((e) => [e, ...area(e)])
        .filter(([, width, height]) => width < 24 || height < 24)
        .map(([e, width, height]) => `a target of ${width.toFixed(1)} by ${height.toFixed(1)} pixels: ${name(e)}`);
    },

    // On a phone, what to do about this week is seen without scrolling.
    firstScreen() {
      const main = document.querySelector(".week .button.main, .week button.main");
      if (window.innerWidth >= 600 || location.pathname !== "/account" || !main) return [];
      const end = main.getBoundingClientRect().bottom + window.scrollY;
      return end <= 600 ? [] : [`what to do ends ${end.toFixed(0)} pixels down: ${name(main)}`];
    },

    // Whether each is seen, and before the next.
    order(...selectors) {
      const found = selectors.map((selector) => document.querySelector(selector));
      return selectors.flatMap((selector, i) => {
        if (!found[i] || !seen(found[i])) return [`${selector} is not seen`];
        const before = i === 0 || found[i - 1].compareDocumentPosition(found[i]) & Node.DOCUMENT_POSITION_FOLLOWING;
        return before ? [] : [`${selector} stands before ${selectors[i - 1]}`];
      });
    },

    times() {
      return [...document.querySelectorAll("time[data-form]")].map((e) => ({ Form: e.dataset.form, Text: e.textContent, At: e.dateTime }));
    },

    openAll() {
      for (const e of document.querySelectorAll("details")) e.open = true;
    },

    // Notes where the focus goes, and how it shows.
    watchFocus() {
      window.scrollTo(0, 0);
      const walk = { visited: [], faults: [] };
      window.walked = walk;
      document.addEventListener("focusin", (event) => {
        const e = event.target;
        walk.visited.push(stopOf(e));
        const box = e.getBoundingClientRect();
        if (!outlined(e)) walk.faults.push(`focus does not show: ${name(e)}`);
        if (box.bottom < 1 || box.right < 1 || box.left > window.innerWidth) walk.faults.push(`focus is out of sight: ${name(e)}`);
      });
      return stops().length;
    },
    walked() {
      const { visited, faults } = window.walked;
      const missed = stops().filter((e) => !visited.includes(stopOf(e))).map((e) => `Tab does not reach ${name(e)}`);
      const skips = !document.querySelector("body > header") || stops()[0].classList.contains("skip");
      if (visited[0] !== stopOf(stops()[0]) || !skips) missed.push("the first stop is not the skip link");
      const order = visited.filter((v) => typeof v === "number");
      const back = order.findIndex((v, i) => i > 0 && v < order[i - 1] && v !== 0);
      if (back > 0) missed.push(`Tab goes back to ${name(stops()[order[back]])}`);
      return [...faults, ...missed];
    },

    // In forced colours backgrounds are gone: what is a button needs an edge.
    edges() {
      return all("button:not([aria-current]), .button")
        .filter((e) => {
          const style = getComputedStyle(e);
          const edge = style.borderTopStyle !== "none" && parseFloat(style.borderTopWidth) > 0;
          return !edge && !style.textDecorationLine.includes("underline");
        })
        .map((e) => `no edge in forced colours: ${name(e)}`);
    },

    moving() {
      const css = document.getAnimations().filter((a) => a.playState === "running").map((a) => name(a.effect.target));
      const smil = [...document.querySelectorAll("animate, animateTransform, animateMotion, set")].map(name);
      return [...css, ...smil].map((e) => `moves: ${e}`);
    },

    // On paper.
    print() {
      const forms = all("form, button, .button").map((e) => `printed, and of no use on paper: ${name(e)}`);
      const empty = all("section, article, aside, .card").filter((e) => {
        const parts = [...e.querySelectorAll("*")].filter((part) => seen(part) && !part.closest("h1, h2, h3") && !part.children.length);
        return !parts.some((part) => part.textContent.trim() || ["img", "svg"].includes(part.localName)) &&
          ![...e.querySelectorAll("p, li, dd, td")].some((part) => seen(part) && part.textContent.trim());
      });
      return [...forms, ...empty.map((e) => `an empty card: ${name(e)}`)];
    },

    // Without a script: the page says what it says, and nothing waits for one.
    withoutScript() {
      const faults = all("button[type=button], [data-script]").map((e) => `does nothing without a script: ${name(e)}`);
      if (!document.querySelector("h1")) faults.push("no heading");
      if ((document.querySelector("main")?.innerText || "").trim().length < 40) faults.push("next to nothing on the page");
      return faults;
    },

    // What does not fit, what is too small, and what axe finds: of all that it
    // knows where parts show that it has not seen, and else of what a view
    // alone can change.
    async look() {
      const shows = all("body *");
      const known = shows.length === examined.length && shows.every((e, i) => e === examined[i]);
      examined = shows;
      const found = await window.axe.run(document, {
        resultTypes: ["violations"],
        preload: false, // of styles; no rule that is on asks for it
        ...(known ? { runOnly: ofView } : { rules: { "target-size": { enabled: true } } }),
      });
      return [...this.overflow(), ...this.targets(), ...this.firstScreen(), ...found.violations.map((v) =>
        `axe ${v.id} (${v.impact}): ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" … ")}`)];
    },
  };
})();
