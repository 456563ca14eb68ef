/** Accessibility checks with axe-core. */

import { readFile } from 'node:fs/promises';

const AXE = await readFile(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * The faults that axe-core finds on the page: the rule, and what to fix in each element.
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string[]>}
 */
export async function violations(page) {
  // Evaluated instead of added as a script, which the Content Security Policy would refuse.
  await page.evaluate(AXE);
  return page.evaluate(async (rules) => {
    // @ts-ignore axe is defined by the line above
    const { violations: found } = await axe.run(document, { runOnly: rules });
    return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target}: ${node.failureSummary}`));
  }, RULES);
}
