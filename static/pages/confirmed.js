import { CONFIRMED, channel } from '../ui/confirmed.js';
import { pageHead } from '../ui/shell.js';
import { html } from '../vendor/lit-html.js';

/** @import { Page } from '../types.js' */

const TITLE = 'Identity confirmed';

/** The waiting tab continues; this one has done its work. */
async function load() {
  const news = channel();
  news.postMessage(CONFIRMED);
  news.close();
  return {};
}

const view = () => html`${pageHead(TITLE, { lead: 'Your change continues in the other tab. You can close this one.' })}
  <p><a class="button" href="/">Go to the home page</a></p>`;

/** @type {Page} */
export const confirmed = { title: TITLE, load, view };
