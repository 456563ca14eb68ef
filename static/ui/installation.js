/** What the document says of this installation. */

const told = document.getElementById('app')?.dataset;

/** Whether it sends mail. Where it does not, people pass links on themselves. */
export const sendsMail = told?.mail !== 'none';

/** The languages to choose among, by tag and name; empty where there is no choice. @type {[string, string][]} */
export const LANGUAGES = JSON.parse(told?.languages ?? '[]');
