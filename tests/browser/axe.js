/** axe-core on a page. */

import { readFile } from 'node:fs/promises';

const AXE = await readFile(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * What axe-core finds wrong with the page as it stands: rule, and what to fix in each element.
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string[]>}
 */
export async function violations(page) {
  // Not as a script of the page: its policy runs none but ours.
  await page.evaluate(AXE);
  return page.evaluate(async (rules) => {
    // @ts-ignore axe is of the line above
    const { violations: found } = await axe.run(document, { runOnly: rules });
    return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target}: ${node.failureSummary}`));
  }, RULES);
}
