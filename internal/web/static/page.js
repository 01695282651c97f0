"use strict";
// The pages work without this script. With it, times are the reader's own,
// and a sign-in tells which time zone that is.
(() => {
  const page = document.documentElement.lang;
  const language = navigator.languages.find((l) => l.split("-")[0] === page.split("-")[0]) || page;
  const day = { day: "numeric", month: "long", year: "numeric" };
  const forms = {
    date: day,
    moment: { weekday: "long", ...day, hour: "2-digit", minute: "2-digit", timeZoneName: "short" },
  };
  for (const element of document.querySelectorAll("time[data-form]")) {
    const at = new Date(element.dateTime);
    const form = forms[element.dataset.form];
    if (form && !Number.isNaN(at.getTime())) {
      element.textContent = new Intl.DateTimeFormat(language, form).format(at);
    }
  }
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const link of document.querySelectorAll('a[href^="/connect"]')) {
    if (zone) {
      const to = new URL(link.href);
      to.searchParams.set("zone", zone);
      link.href = to.pathname + to.search;
    }
  }
})();
