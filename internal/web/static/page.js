"use strict";
// The pages work without this script. With it, times are the reader's own, a
// sign-in tells which time zone that is, and a run can be watched.
(() => {
  // Times are written as the server writes them in the page's language: in its
  // layout, with its names, and with the distance from UTC.
  const { date, moment, months, weekdays } = document.currentScript.dataset;
  const layouts = { date, moment };
  const two = (n) => String(n).padStart(2, "0");
  const zoneOf = (at) => {
    const minutes = -at.getTimezoneOffset();
    const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
    return "UTC" + (minutes === 0 ? "" : (minutes > 0 ? "+" : "\u2212") + hours + (rest ? ":" + two(rest) : ""));
  };
  const written = (at, layout) =>
    layout.replace(/Monday|January|2006|15|04|MST|2/g, (part) => ({
      Monday: () => weekdays.split(",")[at.getDay()],
      January: () => months.split(",")[at.getMonth()],
      2006: () => at.getFullYear(),
      15: () => two(at.getHours()),
      "04": () => two(at.getMinutes()),
      MST: () => zoneOf(at),
      2: () => at.getDate(),
    })[part]());
  const localise = (part) => {
    for (const element of part.querySelectorAll("time[data-form]")) {
      const at = new Date(element.dateTime);
      const layout = layouts[element.dataset.form];
      if (layout && !Number.isNaN(at.getTime())) {
        element.textContent = written(at, layout);
      }
    }
  };
  localise(document);

  // A zone can be typed everywhere, and chosen where the browser knows them all.
  const zones = document.getElementById("zones");
  if (zones && Intl.supportedValuesOf) {
    zones.replaceChildren(...Intl.supportedValuesOf("timeZone").map((name) => new Option(name)));
  }

  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const link of document.querySelectorAll('a[href^="/connect"]')) {
    if (zone) {
      const to = new URL(link.href);
      to.searchParams.set("zone", zone);
      link.href = to.pathname + to.search;
    }
  }

  // A part of the page, usually the card of this week, says where it comes from.
  // While a run is under way it is fetched again, less and less often, and for two
  // minutes at most; what is typed elsewhere on the page stays.
  const card = () => document.querySelector("[data-part]");
  const live = document.getElementById("live");
  const pause = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));
  const patience = 120;
  let tag = "";

  const show = (text) => {
    const next = new DOMParser().parseFromString(text, "text/html").querySelector("[data-part]");
    if (!next) {
      return;
    }
    localise(next);
    const focused = card().contains(document.activeElement);
    const before = card().querySelector("[data-tell]").textContent;
    card().replaceWith(next);
    document.dispatchEvent(new Event("part"));
    document.title = next.dataset.title;
    if (focused) {
      next.querySelector("[tabindex='-1']").focus();
    }
    const after = next.querySelector("[data-tell]").textContent;
    if (live && after !== before) {
      live.textContent = after;
    }
  };

  const refresh = async () => {
    const answer = await fetch(card().dataset.part, { headers: { "If-None-Match": tag }, redirect: "error" });
    if (answer.status === 401) {
      location.reload(); // signed out elsewhere: the page says so
    }
    if (answer.ok) {
      tag = answer.headers.get("ETag") || "";
      show(await answer.text());
    }
    return answer.ok || answer.status === 304;
  };

  let watching = false;
  const watch = async () => {
    if (watching) {
      return;
    }
    watching = true;
    const until = Date.now() + 1000 * patience;
    let good = true;
    for (let wait = 0.5; good && "watched" in card().dataset && Date.now() < until; wait = Math.min(1.3 * wait, 15)) {
      await pause(wait);
      good = await refresh().catch(() => true); // a lost connection may come back
    }
    watching = false;
    if ("watched" in card().dataset) {
      const over = card().querySelector("[data-over]");
      over.hidden = false;
      if (live) {
        live.textContent = over.textContent;
      }
    }
  };

  // Whoever comes back to the page after copying has the songs looked for: at once, or
  // when the run is over that is watched, or the look before is some time ago.
  const between = 20;
  let looked = 0;
  let away = false;
  let later = 0;
  const look = async () => {
    clearTimeout(later);
    if (document.hidden || !card() || !("look" in card().dataset || watching)) {
      return; // what a first run is followed by is only known when it is over
    }
    const wait = Math.max(watching ? 1000 : 0, looked + 1000 * between - Date.now());
    if (wait > 0) {
      later = away ? setTimeout(look, wait) : 0;
      return;
    }
    looked = Date.now();
    away = false;
    const answer = await fetch("/account/look", { method: "POST", redirect: "error" }).catch(() => null);
    if (answer && answer.ok && (await refresh().catch(() => false))) {
      watch();
    }
  };
  const leave = () => {
    away = true;
  };

  if (card()) {
    const [arrival] = performance.getEntriesByType("navigation");
    if (card().dataset.look === "once" || (arrival && arrival.type === "back_forward")) {
      look();
    }
    watch();
    document.addEventListener("visibilitychange", () => (document.hidden ? leave() : look()));
    window.addEventListener("blur", leave);
    window.addEventListener("pagehide", leave);
    window.addEventListener("focus", look);
    window.addEventListener("pageshow", (event) => event.persisted && look());
  }
})();
