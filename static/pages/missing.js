import { html } from '../vendor/lit-html.js';

/** @type {import('../router.js').Page} */
export const missing = {
  title: 'Page not found',
  open: true,
  view: () => html`<h1 tabindex="-1">Page not found</h1>
    <p>There is nothing at this address. <a href="/">Go home</a></p>`,
};
