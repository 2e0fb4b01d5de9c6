// Any failure as a code and one sentence that says what happened and what to do.
import { PeerError } from '../../protocol/errors.ts';
import { systemError } from '../system/errno.ts';
import { sentence, t } from './text.ts';

/** What a command failed by, as --json prints it. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** Facts that help and say nothing of a patient. */
const shown = [
  'port',
  'path',
  'pid',
  'at',
  'problem',
  'address',
  'message',
  'allowed',
  'number',
  'count',
  'k',
  'n',
  't',
  'keepers',
  'remaining',
  'members',
  'clock',
  'roster',
] as const;

export function failureOf(error: unknown): Failure {
  const coded = codedOf(error);
  const facts = shown.filter((name) => coded.data[name] !== undefined && coded.data[name] !== '');
  const list = facts.map((name) => `${t(`fact.${name}`)} ${factText(coded.data[name])}`).join(', ');
  const said = sentence(coded.code);
  return { code: coded.code, message: list === '' ? said : said.replace(/\.$/, ` (${list}).`) };
}

const factText = (value: unknown): string =>
  Array.isArray(value) ? value.map(String).join(' ') : String(value).replace(/[\p{Cc}\p{Cf}]/gu, ' ');

function codedOf(error: unknown): PeerError {
  if (error instanceof PeerError) return error;
  return systemError(error) ?? new PeerError('cli/failed', {}, { cause: error });
}
