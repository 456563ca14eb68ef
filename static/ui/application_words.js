/** The names of kinds, levels and requirements of applications. */

import { t } from '../texts.js';

/** @import { ApplicationKind, Level, Require } from '../types.js' */

/** @type {Record<ApplicationKind, string>} */
export const KIND = { link: t('application-kind-link'), proxy: t('application-kind-proxy'), oidc: t('application-kind-oidc') };

/** @type {Record<Level, string>} */
export const LEVEL = {
  no_access: t('level-no-access'), viewer: t('level-viewer'), operator: t('level-operator'), editor: t('level-editor'), admin: t('level-admin'),
};

/** What a rule asks for. @type {Record<Require, string>} */
export const REQUIRE = {
  public: t('require-public'),
  signed_in: t('require-signed-in'),
  viewer: t('require-level', { level: LEVEL.viewer }),
  operator: t('require-level', { level: LEVEL.operator }),
  editor: t('require-level', { level: LEVEL.editor }),
  admin: LEVEL.admin,
};
