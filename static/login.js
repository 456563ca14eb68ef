/** Passes the address that was typed on the sign-in page to the page for a forgotten password, in the storage of the tab: not in the URL, which is logged. */

document.querySelector('a[href^="/forgot"]')?.addEventListener('click', () => {
  try {
    sessionStorage.setItem('email', /** @type {HTMLInputElement} */ (document.getElementById('email')).value);
  } catch {
    // Storage is blocked: the address is typed again.
  }
});
