/** The limits of plans, in words. */

import { t } from '../texts.js';

/**
 * The label is also its name in the audit log; the heading and `upTo` tell it as a fact of a plan.
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
