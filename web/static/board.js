// Keeps the open page as the records are: when the service says that something changed, the same address is read again and its
// content put in place. A page on which somebody is writing waits until they have sent or left it.
"use strict";

(() => {
  const address = document.body.dataset.live;
  if (!address) {
    return;
  }
  const status = document.querySelector("[data-live-words]");
  let waiting = false;
  let reading = false;

  const isWriting = () => {
    const forms = document.querySelectorAll("main form[method=post]");
    const touched = [...forms].some((form) =>
      [...form.elements].some((one) => one.type !== "hidden" && "defaultValue" in one && one.value !== one.defaultValue),
    );
    const inside = document.activeElement?.closest("main form, main details");
    return touched || Boolean(inside && document.activeElement.matches("input, select, textarea"));
  };

  const opened = () => [...document.querySelectorAll("main details[open][id]")].map((one) => one.id);

  const read = async () => {
    if (reading) {
      waiting = true;
      return;
    }
    if (isWriting() || document.hidden) {
      waiting = true;
      return;
    }
    reading = true;
    waiting = false;
    try {
      const response = await fetch(window.location.href, {
        headers: { "X-Sitebell-Live": "1" },
        credentials: "same-origin",
        redirect: "error",
      });
      if (response.status === 401) {
        // Signed out meanwhile: what stands here is not for whoever looks at it now.
        window.location.reload();
        return;
      }
      if (!response.ok) {
        return;
      }
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = page.querySelector("main");
      const old = document.querySelector("main");
      if (fresh && old && !isWriting() && fresh.innerHTML !== old.innerHTML) {
        const open = opened();
        const focused = document.activeElement?.id;
        old.replaceChildren(...fresh.childNodes);
        open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
        if (focused) {
          document.getElementById(focused)?.focus({ preventScroll: true });
        }
        if (status) {
          status.textContent = status.dataset.liveWords;
        }
      }
    } catch {
      // Signed out, or the service is starting again: the next event or the next click says so.
    } finally {
      reading = false;
      if (waiting) {
        window.setTimeout(read, 250);
      }
    }
  };

  const source = new EventSource(address);
  source.addEventListener("changed", read);
  document.addEventListener("visibilitychange", () => waiting && read());
  document.addEventListener("focusout", () => window.setTimeout(() => waiting && read(), 50));
})();

// A browser that shows a number asks what became of it, and goes on by itself once it was let in.
(() => {
  const form = document.querySelector("form[data-collect]");
  if (!form) {
    return;
  }
  const ask = async () => {
    try {
      const response = await fetch(form.dataset.collect, { credentials: "same-origin", redirect: "error" });
      const { state } = await response.json();
      if (state === "approved") {
        form.submit();
        return;
      }
      if (state !== "waiting") {
        window.location.replace("/sign-in");
        return;
      }
    } catch {
      // The service is starting again: it is asked once more.
    }
    window.setTimeout(ask, 1500);
  };
  window.setTimeout(ask, 1500);
})();

// A file is read here and its text put where it can be seen before anything is sent.
(() => {
  document.querySelectorAll("input[type=file][data-into]").forEach((chooser) => {
    chooser.addEventListener("change", async () => {
      const into = document.getElementById(chooser.dataset.into);
      const [file] = chooser.files;
      if (into && file) {
        into.value = await file.text();
        into.focus();
      }
    });
  });
})();
