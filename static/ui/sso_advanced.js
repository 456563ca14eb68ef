/** What our requests ask of the provider: rarely needed, and folded away. */

import { html, nothing } from '../vendor/lit-html.js';
import { field } from './form.js';
import { textOf, tickOf, typed } from './typed.js';

/** @import { NameIdFormat } from '../types.js' */
/** @import { Here } from './typed.js' */

/** @type {[NameIdFormat, string][]} */
const FORMATS = [
  ['none', 'None: as the provider is set up'],
  ['email', 'E-mail address'],
  ['persistent', 'Persistent'],
  ['transient', 'Transient'],
  ['unspecified', 'Unspecified'],
];

/** What the form says of them, for the API. @param {Record<string, string>} values */
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
    <summary><strong>Advanced</strong></summary>
    <fieldset class="field"><legend>Our requests</legend><div class="choices">
      ${choice('sign_requests', 'Sign requests', filled?.sign_requests ? 'The provider’s metadata asks for it.' : 'They are signed with the first signing key of our metadata, which the provider must have.', signs)}
      ${choice('force_authn', 'Ask for a fresh sign-in', 'The provider asks for the password again, and an older sign-in there is refused.', tickOf(state, 'force_authn', Boolean(connection.force_authn)))}
    </div></fieldset>
    ${field(state, {
      name: 'name_id_format',
      label: 'NameID format to ask for',
      value: textOf(state, 'name_id_format', connection.name_id_format ?? 'none'),
      options: FORMATS,
      hint: 'With persistent or transient names the e-mail address must come as an attribute.',
    })}
    ${connection.status === 'ready' ? html`<p class="hint">The connection stays ready. Test it again after a change here.</p>` : nothing}
  </details>`;
}
