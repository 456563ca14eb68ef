/** The advanced settings of our SAML requests, which are folded because they are rarely needed. */

import { t } from '../texts.js';
import { html, nothing } from '../vendor/lit-html.js';
import { field } from './form.js';
import { textOf, tickOf, typed } from './typed.js';

/** @import { NameIdFormat } from '../types.js' */
/** @import { Here } from './typed.js' */

/** @type {[NameIdFormat, string][]} */
const FORMATS = [
  ['none', t('request-none')],
  ['email', t('request-email')],
  ['persistent', t('request-persistent')],
  ['transient', t('request-transient')],
  ['unspecified', t('request-unspecified')],
];

/** The values of these settings in the form, for the API. @param {Record<string, string>} values */
export const advancedValues = ({ sign_requests, force_authn, name_id_format }) => ({
  sign_requests: sign_requests === 'on',
  force_authn: force_authn === 'on',
  name_id_format,
});

/** @param {string} name @param {string} text @param {string} hint @param {boolean} checked */
function choice(name, text, hint, checked) {
  return html`<label><input type="checkbox" name=${name} .checked=${checked}><span>${text}<small>${hint}</small></span></label>`;
}

/** @param {Here} state */
export function advancedFields(state) {
  const { data: { connection } } = state;
  const { filled } = typed(state);
  const signs = tickOf(state, 'sign_requests', Boolean(filled?.sign_requests || connection.sign_requests));
  return html`<details class="field advanced" ?open=${Boolean(filled?.sign_requests || state.errors.name_id_format)}>
    <summary><strong>${t('request-advanced')}</strong></summary>
    <fieldset class="field"><legend>${t('request-ours')}</legend><div class="choices">
      ${choice('sign_requests', t('request-sign'), filled?.sign_requests ? t('request-sign-asked') : t('request-sign-hint'), signs)}
      ${choice('force_authn', t('request-fresh'), t('request-fresh-hint'), tickOf(state, 'force_authn', Boolean(connection.force_authn)))}
    </div></fieldset>
    ${field(state, {
      name: 'name_id_format',
      label: t('request-name-id'),
      value: textOf(state, 'name_id_format', connection.name_id_format ?? 'none'),
      options: FORMATS,
      hint: t('request-name-id-hint'),
    })}
    ${connection.status === 'ready' ? html`<p class="hint">${t('request-stays-ready')}</p>` : nothing}
  </details>`;
}
