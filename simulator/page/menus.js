// Menus and the alert.
import { $, element } from "./common.js";

export function openMenu(place, actions, opener) {
  const menu = $("menu");
  if (!menu.hidden && menu.opener === opener) { closeMenu(); return; }
  closeMenu();
  menu.className = place;
  menu.opener = opener;
  opener.setAttribute("aria-expanded", "true");
  menu.replaceChildren(...actions.map(([label, icon, run]) => {
    const button = element("button", { type: "button", role: "menuitem" }, element("span", { ariaHidden: "true", textContent: icon }), label);
    button.addEventListener("click", () => { closeMenu(); run(); });
    return button;
  }));
  menu.hidden = false;
  menu.style.left = menu.style.top = "";
  if (place === "at-message") putBeside(menu, opener);
  menu.firstChild.focus();
}

// Up and down, as in any menu.
export function stepThroughMenu(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const entries = [...$("menu").children];
  entries.at((entries.indexOf(document.activeElement) + step) % entries.length).focus();
}

export function closeMenu() {
  const menu = $("menu");
  if (menu.hidden) return;
  const hadFocus = menu.contains(document.activeElement);
  menu.hidden = true;
  menu.opener?.setAttribute("aria-expanded", "false");
  if (hadFocus) menu.opener?.focus();
}

// Below the button that opened it, kept inside the phone.
function putBeside(menu, opener) {
  const phone = $("phone").getBoundingClientRect();
  const button = opener.getBoundingClientRect();
  const within = (wanted, least, most) => Math.max(least, Math.min(wanted, most));
  menu.style.left = `${within(button.left - phone.left - menu.offsetWidth / 2, 8, phone.width - menu.offsetWidth - 28)}px`;
  menu.style.top = `${within(button.bottom - phone.top, 8, phone.height - menu.offsetHeight - 90)}px`;
}

export function showAlert(text) {
  $("alert").lang = $("phone").lang;
  $("alert").querySelector("p").textContent = text;
  $("alert").showModal();
}
