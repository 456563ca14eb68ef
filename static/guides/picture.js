/**
 * Draws a provider's screen as shapes, from its description. The console renders the shapes with lit-html, the docs as SVG files.
 * The clicks are numbered in their order; each field contains the value to enter.
 */

import { t } from '../texts.js';
import { OURS } from './screen.js';

/** @import { Guide, Screen, ScreenField, Theirs } from './screen.js' */

/**
 * @typedef {{kind: 'box', x: number, y: number, width: number, height: number, round: number, name: string}} Box
 * @typedef {{kind: 'words', x: number, y: number, text: string, name: string}} Words
 * @typedef {{kind: 'dot', x: number, y: number, radius: number, name: string}} Dot
 * @typedef {Box | Words | Dot} Shape
 * @typedef {{width: number, height: number, words: string, shapes: Shape[]}} Picture
 */

const WIDTH = 380;
const BAR = 26;
const MENU = 130;
const PADDING = 14;
const LINE = 15;
/** The highest average width of a character in a line, in pixels: of plain and of bold text. */
const LETTER = 7.1;
const BOLD = 8.1;

/** The text in the box of a value that is to be copied from the provider to Vestibule. @type {Record<Theirs, string>} */
const BROUGHT = {
  metadata_url: t('picture-copy-metadata-url'),
  metadata_file: t('picture-keep-metadata-file'),
  sign_on_url: t('picture-copy'),
  idp_entity_id: t('picture-copy'),
  certificate: t('picture-copy'),
};

/** @param {number} x @param {number} y @param {number} width @param {number} height @param {string} name @param {number} [round] @returns {Box} */
const box = (x, y, width, height, name, round = 4) => ({ kind: 'box', x, y, width, height, round, name });
/** @param {number} x @param {number} y @param {string} text @param {string} name @returns {Words} */
const words = (x, y, text, name) => ({ kind: 'words', x, y, text, name });

/** Breaks a text into lines of at most this width. @param {string} text @param {number} width @param {number} [letter] */
function lines(text, width, letter = LETTER) {
  const most = Math.floor(width / letter);
  /** @type {string[]} */
  const broken = [];
  for (const word of text.split(' ')) {
    const last = broken.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most) broken[broken.length - 1] = `${last} ${word}`;
    else broken.push(word);
  }
  return broken;
}

/** Draws from top to bottom, and numbers the clicks. */
class Pen {
  /** @type {Shape[]} */
  shapes = [];
  clicks = 0;

  /** @param {number} x @param {number} width @param {number} y */
  constructor(x, width, y) {
    this.x = x;
    this.width = width;
    this.y = y;
  }

  /** @param {Shape[]} shapes */
  add(...shapes) {
    this.shapes.push(...shapes);
  }

  /** Writes a text, on several lines if needed. @param {string} text @param {string} name @param {number} [indent] @param {number} [letter] */
  write(text, name, indent = 0, letter = LETTER) {
    for (const line of lines(text, this.width - indent, letter)) {
      this.add(words(this.x + indent, this.y + 11, line, name));
      this.y += LINE;
    }
  }

  /** Draws the next click's number. @param {number} x @param {number} y */
  click(x, y) {
    this.clicks += 1;
    this.add({ kind: 'dot', x, y, radius: 8, name: 'number' }, words(x, y + 4, `${this.clicks}`, 'digit'));
  }
}

/** Draws grey bars for other entries, which are not part of the guide. @param {Pen} pen @param {number[]} widths */
function others(pen, widths) {
  for (const width of widths) {
    pen.add(box(pen.x, pen.y + 4, width, 6, 'other', 3));
    pen.y += LINE + 3;
  }
}

/** The indent of the menu's entry at this level, in pixels. @param {number} n */
const indented = (n) => Math.min(n, 2) * 8;

/** The width of the menu: its longest word fits beside the number of a click. @param {string[]} menu */
const menuWidth = (menu) => Math.max(MENU, ...menu.flatMap((entry, n) => entry.split(' ').map((word) => PADDING + indented(n) + word.length * LETTER + 12)));

/** Draws the path through the menu; its last entry is the click. @param {Pen} pen @param {string[]} menu @param {number} width */
function drawMenu(pen, menu, width) {
  others(pen, [52, 66]);
  menu.forEach((entry, n) => {
    const indent = indented(n);
    const last = n === menu.length - 1;
    const letter = last ? BOLD : LETTER;
    const height = lines(entry, pen.width - indent, letter).length * LINE;
    if (last) pen.add(box(pen.x - 6, pen.y - 3, width - pen.x + 6, height + 6, 'chosen'));
    if (last) pen.click(width, pen.y + height / 2);
    pen.write(entry, last ? 'chosen-text' : 'text', indent, letter);
    pen.y += 6;
  });
  others(pen, [60, 44]);
}

/** @param {Pen} pen @param {string[]} tabs @param {string | undefined} chosen */
function drawTabs(pen, tabs, chosen) {
  let x = pen.x;
  for (const tab of tabs) {
    const width = tab.length * (tab === chosen ? BOLD : LETTER);
    if (x > pen.x && x + width > pen.x + pen.width) {
      x = pen.x;
      pen.y += 26;
    }
    pen.add(words(x, pen.y + 11, tab, tab === chosen ? 'chosen-text' : 'faint'));
    if (tab === chosen) {
      pen.add(box(x, pen.y + 17, width, 3, 'mark', 1));
      pen.click(x + width + 14, pen.y + 7);
    }
    x += width + (tab === chosen ? 34 : 12);
  }
  pen.add(box(pen.x, pen.y + 20, pen.width, 1, 'rule', 0));
  pen.y += 30;
}

/** The text in a field's box, and the class of the box. @param {ScreenField} field @returns {[string, string]} */
function filling(field) {
  if ('put' in field) return [t('guide-ours', { name: OURS[field.put] }), 'put'];
  if ('take' in field) return [BROUGHT[field.take], 'take'];
  return [field.set, 'set'];
}

/** Whether the value is a file, which is downloaded with a button. @param {ScreenField} field */
const isFile = (field) => 'take' in field && field.take === 'metadata_file';

/** @param {Pen} pen @param {ScreenField} field */
function drawField(pen, field) {
  if (isFile(field)) return drawButton(pen, field.label);
  pen.write(field.label, 'asks');
  const [text, name] = filling(field);
  const inside = lines(text, pen.width - 16, name === 'set' ? LETTER : BOLD);
  pen.add(box(pen.x, pen.y + 1, pen.width, inside.length * LINE + 8, name));
  inside.forEach((line, n) => pen.add(words(pen.x + 8, pen.y + 16 + n * LINE, line, `${name}-text`)));
  pen.y += inside.length * LINE + 17;
}

/** @param {Pen} pen @param {string} text */
function drawButton(pen, text) {
  const inside = lines(text, pen.width - 48, BOLD);
  const width = Math.max(...inside.map((line) => line.length)) * BOLD + 20;
  const height = inside.length * LINE + 11;
  pen.add(box(pen.x, pen.y + 2, width, height, 'press'));
  inside.forEach((line, n) => pen.add(words(pen.x + 10, pen.y + 19 + n * LINE, line, 'press-text')));
  pen.click(pen.x + width + 14, pen.y + 2 + height / 2);
  pen.y += height + 8;
}

/** The description of the picture for screen readers. @param {string} window @param {Screen} screen */
function spoken(window, { menu = [], title, tab, fields = [], press }) {
  const where = [...menu, ...(menu.at(-1) === title ? [] : [title]), ...(tab ? [tab] : [])].join(' > ');
  const told = (/** @type {ScreenField} */ field) => {
    const [label, value] = [field.label, filling(field)[0]];
    return isFile(field) ? t('picture-file', { label, value }) : t('picture-field', { label, value });
  };
  return `${[t('picture-screen', { window, where }), ...fields.map(told), ...(press ? [t('picture-press', { name: press })] : [])].join('; ')}.`;
}

/**
 * The picture of one screen.
 * @param {Pick<Guide, 'window'>} guide
 * @param {Screen} screen
 * @returns {Picture}
 */
export function picture({ window }, screen) {
  const { menu, title, tabs, tab, fields = [], press } = screen;
  const left = menu ? menuWidth(menu) : 0;
  const side = new Pen(PADDING, left - PADDING - 10, BAR + 12);
  if (menu) drawMenu(side, menu, left);
  const pen = new Pen(left + PADDING, WIDTH - left - 2 * PADDING, BAR + 12);
  pen.clicks = side.clicks;
  pen.write(title, 'title', 0, BOLD + 1);
  pen.y += 6;
  if (tabs) drawTabs(pen, tabs, tab);
  if (!fields.length) others(pen, [pen.width * 0.8, pen.width * 0.55]);
  for (const field of fields) drawField(pen, field);
  if (press) drawButton(pen, press);
  const height = Math.ceil(Math.max(side.y, pen.y) + 8);
  const frame = [
    box(0.5, 0.5, WIDTH - 1, height - 1, 'window', 8), box(1, 1, WIDTH - 2, BAR, 'bar', 8),
    ...[14, 26, 38].map((x) => /** @type {Dot} */ ({ kind: 'dot', x, y: BAR / 2 + 1, radius: 3.5, name: 'light' })),
    words(54, BAR / 2 + 5, window, 'faint'),
    ...(menu ? [box(left - 0.5, BAR + 1, 1, height - BAR - 2, 'rule', 0)] : []),
  ];
  return { width: WIDTH, height, words: spoken(window, screen), shapes: [...frame, ...side.shapes, ...pen.shapes] };
}
