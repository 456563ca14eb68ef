/** Operators' actions on a person's account: disabling, enabling, and password links. */

import { post } from '../api.js';
import { t } from '../texts.js';
import { html } from '../vendor/lit-html.js';
import { confirm, confirmEffect } from './dialog.js';
import { attempt } from './form.js';
import { knownPasswords } from './known_passwords.js';

/** @import { ResetLink, State } from '../types.js' */

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
 * Creates a link that sets a person's password, after a dialog says what it does. The server mails it; without a mail server, `show` puts it on
 * the page and returns the message.
 * @param {State} state
 * @param {{user: string, email: string}} one
 * @param {(url: string) => string} show
 */
export function passwordLink(state, { user, email }, show) {
  const path = `/users/${user}/reset-link`;
  const make = async () => {
    const { reset_url: url } = await post(path);
    return url ? show(url) : t('password-link-mailed', { email });
  };
  return attempt(state, async () => {
    const { effect } = /** @type {ResetLink} */ (await post(`${path}?dry_run=true`));
    confirm(state, {
      title: t('password-link-title', { email }),
      action: t('password-link-make'),
      danger: false,
      body: html`${effect?.warnings.map((warning) => html`<p>${warning}</p>`)}`,
      real: make,
    });
    return undefined;
  });
}
