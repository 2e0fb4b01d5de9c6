// A report as a page: no scripts, no styles, nothing from outside, every word of the report escaped.

import type { Translate } from '../../api/texts/texts.ts';
import { trimmedEnd } from '../text/trim.ts';
import type { ContentItem, Report } from './report.ts';
import { headLines, nameWords, valueWords } from './show.ts';

/** The whole page, UTF-8; its language is that of the content. */
export function reportHtml(report: Report, t: Translate): string {
  const head = headLines(report, t).map(([name, text]) => `<dt>${escaped(name)}</dt><dd>${escaped(text)}</dd>`);
  const title = escaped(report.title);
  return [
    '<!doctype html>',
    `<html lang="${languageOf(report.root)}"><head><meta charset="utf-8"><title>${title}</title></head><body>`,
    `<h1>${title}</h1>`,
    head.length === 0 ? '' : `<dl>${head.join('')}</dl>`,
    ...report.root.children.map((child) => html(child, 2, t)),
    '</body></html>',
    '',
  ].join('\n');
}

function html(item: ContentItem, level: number, t: Translate): string {
  const name = escaped(nameWords(item, t));
  const inner = item.children.map((child) => html(child, Math.min(level + 1, 6), t)).join('');
  if (item.value.type === 'CONTAINER') {
    const heading = name === '' ? '' : `<h${level}>${name}</h${level}>`;
    return `<section>${heading}${inner}</section>\n`;
  }
  const label = name === '' ? '' : `<strong>${name}:</strong> `;
  const value = item.value.type === 'TABLE' ? table(item.value.rows) : lines(valueWords(item, t));
  const below = inner === '' ? '' : `<blockquote>${inner}</blockquote>`;
  return item.value.type === 'TABLE' ? `<div>${label}${value}${below}</div>\n` : `<p>${label}${value}</p>${below}\n`;
}

const lines = (text: string): string => escaped(trimmedEnd(text, '\r\n')).replace(/\r\n|\n|\r|\f/g, '<br>');

const table = (rows: readonly (readonly string[])[]): string =>
  `<table>${rows.map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`).join('')}</table>`;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that stands in HTML as it is: control characters, which HTML forbids, are left out. */
export const escaped = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .replace(/[\0-\x08\x0b\x0e-\x1f\x7f-\x9f]/g, '')
    .replace(/[&<>"']/g, (letter) => entities[letter]!);

/** The language of the content (PS3.16 TID 1204), if the root names one as a language tag. */
function languageOf(root: ContentItem): string {
  const item = root.children.find(({ name }) => name?.value === '121049');
  const code = item?.value.type === 'CODE' ? item.value.code?.value : undefined;
  return code !== undefined && /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(code) ? code : 'en';
}
