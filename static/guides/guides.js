/** Finds the guide for a connection. */

import { t } from '../texts.js';
import { GUIDES } from './providers.js';

/** @import { Guide } from './screen.js' */
/** @import { Connection } from '../types.js' */

/** The hint for people whose provider is not in the list. */
export const NOT_LISTED = t('guide-not-listed');

/** The guide with this id, or undefined. @param {string | null | undefined} id */
export const guideOf = (id) => GUIDES.find((guide) => guide.id === id);

/**
 * The guide for a connection's provider: the provider that was chosen, else the one that its addresses belong to. The same rules as in
 * src/saml/refusal/product.rs.
 * @param {Pick<Connection, 'provider' | 'sign_on_url' | 'idp_entity_id'>} connection
 * @returns {Guide}
 */
export function recognised({ provider, sign_on_url = '', idp_entity_id = '' }) {
  const own = GUIDES.find((guide) => guide.provider === provider && provider !== 'custom');
  return own ?? GUIDES.find(({ known }) => known?.test(sign_on_url) || known?.test(idp_entity_id)) ?? GUIDES[GUIDES.length - 1];
}
