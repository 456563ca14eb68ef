/** The box that says where to sign in goes where the browser is at that address after all: a proxy in between hides it from the server. */

for (const box of document.querySelectorAll('[data-address]')) {
  if (box instanceof HTMLElement && box.dataset.address === location.origin) box.hidden = true;
}
