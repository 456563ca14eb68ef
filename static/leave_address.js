/** The secret of a link leaves the address bar and the history as soon as its page is there. */

history.replaceState(null, '', location.pathname);
