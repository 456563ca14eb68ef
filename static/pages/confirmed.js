import { CONFIRMED, channel } from '../ui/confirmed.js';
import { pageHead } from '../ui/shell.js';
import { t } from '../texts.js';
import { html } from '../vendor/lit-html.js';

/** @import { Page } from '../types.js' */

const TITLE = t('confirmed-title');

/** Tells the waiting tab to continue. */
async function load() {
  const news = channel();
  news.postMessage(CONFIRMED);
  news.close();
  return {};
}

const view = () => html`${pageHead(TITLE, { lead: t('confirmed-lead') })}
  <p><a class="button" href="/">${t('confirmed-home')}</a></p>`;

/** @type {Page} */
export const confirmed = { title: TITLE, load, view };
