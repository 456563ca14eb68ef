/** What operators do to a person's account: disabling and enabling it, and password links. */

import { post } from '../api.js';
import { t } from '../texts.js';
import { html } from '../vendor/lit-html.js';
import { confirmEffect } from './dialog.js';
import { attempt } from './form.js';
import { knownPasswords } from './known_passwords.js';

/** @import { State } from '../types.js' */

/**
 * The button that disables somebody, or enables them. Its effect is shown first.
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
 * E-mails a link that sets a person's password; without a mail server, `show` shows it and says where.
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
