/** What the document says of this installation. */

const told = document.getElementById('app')?.dataset;

/** Whether it sends mail. Where it does not, people pass links on themselves. */
export const sendsMail = told?.mail !== 'none';

/** Whether its set-up is done; said only on the page of the set-up. */
export const isSetUp = told?.setUp === 'done';

/**
 * The languages to choose among, as options: each by its tag, under its own name. Empty where there is no choice.
 * @type {[string, string, string][]}
 */
export const LANGUAGES = JSON.parse(told?.languages ?? '[]').map((/** @type {[string, string]} */ [tag, name]) => [tag, name, tag]);
