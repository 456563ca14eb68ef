/** Hides the notice that names the right address if the browser is at that address already: a proxy may hide it from the server. */

for (const box of document.querySelectorAll('[data-address]')) {
  if (box instanceof HTMLElement && box.dataset.address === location.origin) box.hidden = true;
}
