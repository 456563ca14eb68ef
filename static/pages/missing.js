import { html } from '../vendor/lit-html.js';

/** @type {import('../types.js').Page} */
export const missing = {
  title: 'Page not found',
  open: true,
  view: () => html`<h1 tabindex="-1">Page not found</h1>
    <p>There is nothing at this address.</p>
    <p><a class="button" href="/">Go home</a></p>`,
};
