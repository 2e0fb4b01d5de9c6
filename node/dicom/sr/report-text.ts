// A report as plain text.

import type { Translate } from '../../api/texts/texts.ts';
import { trimmedEnd } from '../text/trim.ts';
import type { ContentItem, Report } from './report.ts';
import { headLines, nameWords, valueWords } from './show.ts';

/** Title, head, and the content: sections with their headings, an item a line, what belongs to it indented below. */
export function reportText(report: Report, t: Translate): string {
  const lines = [report.title, '='.repeat(Math.min(report.title.length, 80))];
  for (const [name, text] of headLines(report, t)) lines.push(`${name}: ${oneLine(text)}`);
  lines.push('');
  for (const child of report.root.children) write(child, 0, lines, t);
  return `${lines.join('\n').trimEnd()}\n`;
}

function write(item: ContentItem, depth: number, lines: string[], t: Translate): void {
  const indent = '  '.repeat(depth);
  const name = nameWords(item, t);
  if (item.value.type === 'CONTAINER') {
    if (depth === 0 && lines.at(-1) !== '') lines.push('');
    if (name !== '') lines.push(`${indent}${name}`);
    if (name !== '' && depth === 0) lines.push('-'.repeat(Math.min(name.length, 80)));
  } else {
    const words = plainLines(valueWords(item, t));
    const [first = '', ...rest] = words;
    lines.push(`${indent}${name === '' ? first : `${name}: ${first}`}`.trimEnd());
    for (const line of rest) lines.push(`${indent}  ${line}`);
    if (item.value.type === 'TABLE') for (const row of item.value.rows) lines.push(`${indent}  ${row.join(' | ')}`);
  }
  const section = item.value.type === 'CONTAINER' && (depth === 0 || name === '');
  for (const child of item.children) write(child, section ? depth : depth + 1, lines, t);
}

const plainLines = (text: string): string[] => trimmedEnd(text, '\r\n').split(/\r\n|\n|\r|\f/);
const oneLine = (text: string): string => text.replace(/[\r\n\f]+/g, ' ');
