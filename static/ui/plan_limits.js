/** The texts of the limits of plans. */

import { t } from '../texts.js';

/**
 * `label` and `hint` belong to the form field, and `label` is also the name in the audit log; `heading` and `upTo` show the limit in a plan's column.
 * @type {{name: import('../types.js').PlanLimit, label: string, hint: string, heading: string, upTo: (limit: number) => string}[]}
 */
export const LIMITS = [
  { name: 'max_members', label: t('plans-max-people'), hint: t('no-limit-hint'),
    heading: t('plans-people'), upTo: (limit) => t('plans-up-to-people', { limit }) },
  { name: 'max_workspaces', label: t('plans-max-workspaces'), hint: t('no-limit-hint'),
    heading: t('plans-workspaces'), upTo: (limit) => t('plans-up-to-workspaces', { limit }) },
  { name: 'max_mails_per_day', label: t('plans-max-mails'), hint: t('plans-max-mails-hint'),
    heading: t('plans-mails'), upTo: (limit) => t('plans-up-to-mails', { limit }) },
];
