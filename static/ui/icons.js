/** Icons, drawn on 24 by 24. They only decorate: each has a text beside it. */

import { html } from '../vendor/lit-html.js';

/** @param {string} path of SVG */
const icon = (path) => html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${path} /></svg>`;

/** The address of Vestibule's logo, relative to this module, whose address changes with each version. */
export const logo = new URL('../icon.svg', import.meta.url).href;

export const icons = {
  account: icon('M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4 20c1-4 4.5-5.5 8-5.5s7 1.5 8 5.5'),
  api: icon('m8 7-5 5 5 5M16 7l5 5-5 5M13.5 5l-3 14'),
  apps: icon('M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h6v6h-6z'),
  brush: icon('M4 20c3.5 0 5-1.2 5-3.2a2.6 2.6 0 0 0-5.2 0c0 1.4-.6 2.4-1.8 3.2ZM9.5 14.5 19 4.2a1.4 1.4 0 0 1 2 2L11 16'),
  building: icon('M5 21V5l8-2v18M13 9l6 2v10M3 21h18M8.5 8.5h1M8.5 12.5h1M8.5 16.5h1'),
  chevron: icon('m8 10 4 4 4-4'),
  copy: icon('M9 9h11v11H9zM5 15H4V4h11v1'),
  doctor: icon('M5 4v5a4.5 4.5 0 0 0 9 0V4M9.5 13.5V16a4.5 4.5 0 0 0 9 0v-2.5M18.5 13.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z'),
  done: icon('m5 12.5 4.5 4.5L19 7.5'),
  help: icon('M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM9.5 9.5a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.1.9-1.1 1.7M12 16.5h.01'),
  history: icon('M4 5v4.5h4.5M4.3 9.5A8.2 8.2 0 1 1 3.8 13M12 8v4.5l3 2'),
  key: icon('M7.5 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM11.5 12H21M17 12v3.5M20.5 12v2.5'),
  list: icon('M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01'),
  mail: icon('M3 5.5h18v13H3zM3.5 6.5 12 13l8.5-6.5'),
  people: icon('M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20c.6-3.8 3.3-5.5 6.5-5.5s5.9 1.7 6.5 5.5M16 4.5a3.5 3.5 0 0 1 0 6.3M18 14.8c2 .8 3.2 2.6 3.5 5.2'),
  plan: icon('M4 8l8-4 8 4-8 4zM4 12l8 4 8-4M4 16l8 4 8-4'),
  settings: icon('M4 7h9M17 7h3M4 17h3M11 17h9M15 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM9 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z'),
  shield: icon('M12 3l7 3v5c0 4.5-3 8-7 10-4-2-7-5.5-7-10V6zM9 12l2.2 2.2 4.3-4.2'),
  workspace: icon('M5 21V9a7 7 0 0 1 14 0v12M9.5 21V10a2.5 2.5 0 0 1 5 0v11M3 21h18'),
};
