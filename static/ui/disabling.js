/** Operators' actions on a person's account: disabling, enabling, and password links. */

import { post } from '../api.js';
import { t } from '../texts.js';
import { html } from '../vendor/lit-html.js';
import { confirmEffect } from './dialog.js';
import { attempt } from './form.js';
import { knownPasswords } from './known_passwords.js';

/** @import { State } from '../types.js' */

/**
 * The button that disables or enables a person. It shows the effect first.
 * @param {State} state
 * @param {{user: string, email: string, disabled: boolean}} one
 */
export function disabling(state, { user, email, disabled }) {
  const verb = disabled ? t('enable') : t('disable');
  const path = `/users/${user}/${disabled ? 'enable' : 'disable'}`;
  const ask = () => confirmEffect(state, {
    title: disabled ? t('enable-title', { email }) : t('disable-title', { email }),
    action: verb,
    danger: !disabled,
    dry: (query) => post(`${path}?${query}`),
    real: (_typed, query) => post(`${path}${query && `?${query}`}`),
    choice: disabled ? undefined : knownPasswords(t('known-passwords-of-person')),
    done: disabled ? t('enabled', { email }) : t('disabled-now', { email }),
  });
  return html`<button class="small ${disabled ? '' : 'danger'}" aria-label=${disabled ? t('enable-named', { email }) : t('disable-named', { email })} @click=${ask}>${verb}</button>`;
}

/**
 * Creates a link that sets a person's password. The server mails it; without a mail server, `show` puts it on the page and returns the message.
 * @param {State} state
 * @param {{user: string, email: string}} one
 * @param {(url: string) => string} show
 */
export function passwordLink(state, { user, email }, show) {
  return attempt(state, async () => {
    const { reset_url: url } = await post(`/users/${user}/reset-link`);
    return url ? show(url) : t('password-link-mailed', { email });
  });
}
