/** The guide for a connection. */

import { t } from '../texts.js';
import { GUIDES } from './providers.js';

/** @import { Guide } from './screen.js' */
/** @import { Connection } from '../types.js' */

/** Where those are not what people have. */
export const NOT_LISTED = t('guide-not-listed');

/** The guide of that name; undefined where there is none. @param {string | null | undefined} id */
export const guideOf = (id) => GUIDES.find((guide) => guide.id === id);

/**
 * Whose connection it is, by the provider that was chosen, else by the addresses of its values: src/saml/refusal/product.rs says
 * the same.
 * @param {Pick<Connection, 'provider' | 'sign_on_url' | 'idp_entity_id'>} connection
 * @returns {Guide}
 */
export function recognised({ provider, sign_on_url = '', idp_entity_id = '' }) {
  const own = GUIDES.find((guide) => guide.provider === provider && provider !== 'custom');
  return own ?? GUIDES.find(({ known }) => known?.test(sign_on_url) || known?.test(idp_entity_id)) ?? GUIDES[GUIDES.length - 1];
}
