/** Removes the secret of a link from the address bar and the history as soon as its page is loaded. */

history.replaceState(null, '', location.pathname);
