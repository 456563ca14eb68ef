/** What operators do to a person's account: disabling and enabling it, and password links. */

import { post } from '../api.js';
import { html } from '../vendor/lit-html.js';
import { confirmEffect } from './dialog.js';
import { attempt } from './form.js';

/** @import { State } from '../types.js' */

/**
 * The button that disables somebody, or enables them. Its effect is shown first.
 * @param {State} state
 * @param {{user: string, email: string, disabled: boolean}} one
 */
export function disabling(state, { user, email, disabled }) {
  const verb = disabled ? 'Enable' : 'Disable';
  const path = `/users/${user}/${verb.toLowerCase()}`;
  const ask = () => confirmEffect(state, {
    title: disabled ? `Enable ${email}?` : `Disable ${email} in every organisation?`,
    action: verb,
    danger: !disabled,
    dry: (query) => post(`${path}?${query}`),
    real: () => post(path),
    done: `${email} is ${verb.toLowerCase()}d.`,
  });
  return html`<button class="small ${disabled ? '' : 'danger'}" aria-label="${verb} ${email}" @click=${ask}>${verb}</button>`;
}

/**
 * E-mails a link that sets a person's password; without a mail server, `show` shows it and says where.
 * @param {State} state
 * @param {{user: string, email: string}} one
 * @param {(url: string) => string} show
 */
export function passwordLink(state, { user, email }, show) {
  return attempt(state, async () => {
    const { reset_url: url } = await post(`/users/${user}/reset-link`);
    return url ? show(url) : `We have mailed a password link to ${email}.`;
  });
}
