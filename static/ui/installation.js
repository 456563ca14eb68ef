/** Facts about this installation, from the document. */

const told = document.getElementById('app')?.dataset;

/** Whether it sends mail. If not, people pass links on themselves. */
export const sendsMail = told?.mail !== 'none';

/** Whether its first run is done. Known only on the page of the first run. */
export const isSetUp = told?.setUp === 'done';

/**
 * The available languages as options: each with its tag, and its name in the language itself. Empty if there is only one.
 * @type {[string, string, string][]}
 */
export const LANGUAGES = JSON.parse(told?.languages ?? '[]').map((/** @type {[string, string]} */ [tag, name]) => [tag, name, tag]);
