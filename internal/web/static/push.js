"use strict";
// Lets a browser take notices, when its person asks for it, and says at each
// visit that it still does.
(() => {
  const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  const kept = "weekly-archive-push";
  const fields = (subscription, prefix) => {
    const { endpoint, keys } = subscription;
    return { [prefix + "endpoint"]: endpoint, [prefix + "p256dh"]: keys.p256dh, [prefix + "auth"]: keys.auth };
  };

  const renew = async () => {
    const registration = await navigator.serviceWorker.getRegistration("/");
    const subscription = registration && (await registration.pushManager.getSubscription());
    if (!subscription) {
      return;
    }
    const now = subscription.toJSON();
    const before = JSON.parse(localStorage.getItem(kept) || "null");
    const changed = before && before.endpoint !== now.endpoint;
    const form = new URLSearchParams({ ...fields(now, ""), ...(changed ? fields(before, "old_") : {}) });
    const answer = await fetch("/push/renew", { method: "POST", body: form, redirect: "error" });
    if (answer.ok) {
      localStorage.setItem(kept, JSON.stringify(now));
    }
  };
  if (able && Notification.permission === "granted") {
    renew().catch(() => {});
  }

  // Why this browser cannot, as far as it tells.
  const reason = () => {
    const agent = navigator.userAgent;
    const apple = /iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1);
    const icon = navigator.standalone; // from the home screen, where an iPhone does not call itself Safari
    const inside = /FBAN|FBAV|Instagram|Line\/|WhatsApp|Telegram|; wv\)/.test(agent) || (apple && !icon && !/Safari\//.test(agent));
    if (inside) {
      return "inside";
    }
    return apple && !icon ? "iphone" : "none";
  };

  const say = (form, name) => {
    for (const text of form.querySelectorAll("[data-say]")) {
      text.hidden = text.dataset.say !== name;
    }
  };

  const subscribe = async (form) => {
    if ((await Notification.requestPermission()) !== "granted") {
      say(form, "denied");
      return;
    }
    const registration = await navigator.serviceWorker.register("/sw.js", { scope: "/", updateViaCache: "none" });
    await navigator.serviceWorker.ready;
    const key = Uint8Array.from(atob(form.dataset.key.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    const options = { userVisibleOnly: true, applicationServerKey: key };
    const known = await registration.pushManager.getSubscription();
    if (known && "fresh" in form.dataset) {
      await known.unsubscribe(); // its service may have told us that it is over
    }
    const subscription = await registration.pushManager.subscribe(options).catch(async (error) => {
      if (!known) {
        throw error;
      }
      await known.unsubscribe(); // it is bound to a key of before
      return registration.pushManager.subscribe(options);
    });
    const now = subscription.toJSON();
    localStorage.setItem(kept, JSON.stringify(now));
    for (const [name, value] of Object.entries(fields(now, ""))) {
      form.elements[name].value = value;
    }
    form.submit();
  };

  // The button is for a browser that can; any other says what it takes instead.
  const offer = () => {
    const form = document.getElementById("push");
    if (!form) {
      return;
    }
    const button = form.querySelector("button");
    button.hidden = !able;
    if (!able) {
      say(form, reason());
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      button.disabled = true;
      subscribe(form)
        .catch(() => say(form, "failed"))
        .finally(() => (button.disabled = false));
    });
  };
  offer();
  document.addEventListener("part", offer); // another one is shown
})();
