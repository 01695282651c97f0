"use strict";
// Shows what is pushed, and always something: a browser ends a subscription
// that shows nothing.
const home = "/account";

const read = (data) => {
  try {
    return data.json().notification || {};
  } catch {
    return {};
  }
};

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  const n = read(event.data);
  const links = { "": n.navigate || home };
  for (const action of n.actions || []) {
    links[action.action] = action.navigate;
  }
  event.waitUntil(
    self.registration.showNotification(n.title || "Weekly Archive", {
      body: n.body || "",
      lang: n.lang || "",
      tag: n.tag || "account",
      icon: "/icon-192.png",
      data: links,
      actions: (n.actions || []).map(({ action, title }) => ({ action, title })),
    }),
  );
});

// Whoever opens a message of the week is about to copy: their songs are looked for.
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const links = event.notification.data || {};
  const open = self.clients.openWindow(links[event.action] || links[""] || home);
  const looks = !event.action && event.notification.tag.startsWith("week-");
  const look = looks && fetch("/account/look?tapped", { method: "POST", redirect: "error" }).catch(() => null);
  event.waitUntil(Promise.all([open, look]));
});

// The browser replaced its subscription by itself.
self.addEventListener("pushsubscriptionchange", (event) => {
  const fields = (subscription, prefix) => {
    const { endpoint, keys } = subscription.toJSON();
    return { [prefix + "endpoint"]: endpoint, [prefix + "p256dh"]: keys.p256dh, [prefix + "auth"]: keys.auth };
  };
  const renew = async () => {
    const old = event.oldSubscription;
    const next = event.newSubscription || (old && (await self.registration.pushManager.subscribe(old.options)));
    if (next) {
      const form = new URLSearchParams({ ...fields(next, ""), ...(old ? fields(old, "old_") : {}) });
      await fetch("/push/renew", { method: "POST", body: form });
    }
  };
  event.waitUntil(renew());
});
