// What a client takes (RFC 9110 12.5.1) and which of it can be given (PS3.18 8.7.4, 8.7.8).
import { must, PeerError } from '../../../protocol/errors.ts';

export interface MediaRange {
  /** Lower case, `type/subtype`. */
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly q: number;
}

/** The ranges of an Accept header, best first. An absent header takes anything. @throws PeerError http/invalid */
export function mediaRanges(header: string | undefined): MediaRange[] {
  if (header === undefined || header.trim() === '') return [{ type: '*/*', parameters: {}, q: 1 }];
  return split(header, ',')
    .map(mediaRange)
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q);
}

function mediaRange(text: string): MediaRange {
  const [type = '', ...rest] = split(text, ';');
  const parameters = Object.fromEntries(
    rest.map((each) => {
      const [name = '', ...value] = each.split('=');
      return [
        name.trim().toLowerCase(),
        value
          .join('=')
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      ];
    }),
  );
  const q = parameters.q === undefined ? 1 : Number(parameters.q);
  must(/^[^\s/]+\/[^\s/]+$/.test(type.trim()) && q >= 0 && q <= 1, 'http/invalid', { at: 'accept' });
  return { type: type.trim().toLowerCase(), parameters, q };
}

/** Splits outside of quotes. */
function split(text: string, by: string): string[] {
  const parts = [''];
  let quoted = false;
  for (const letter of text) {
    if (letter === '"') quoted = !quoted;
    if (letter === by && !quoted) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts.filter((part) => part.trim() !== '');
}

/** One thing that can be given. */
export interface Offer {
  readonly type: string;
  /** Other names that it may be asked for by. */
  readonly also?: readonly string[];
  /** Whether it can be given bare, or only as parts of a multipart/related. */
  readonly single: boolean;
  /** How it is given to who takes anything. */
  readonly bare?: boolean;
}

/** In which form to give it, and in which transfer syntaxes the client takes it. */
export interface Chosen {
  readonly form: 'single' | 'multipart';
  readonly syntaxes: 'any' | ReadonlySet<string>;
}

/** @throws PeerError http/not-acceptable */
export function choose(ranges: readonly MediaRange[], offer: Offer): Chosen {
  const fitting = ranges
    .map((range) => ({ range, form: formOf(range, offer) }))
    .filter(({ form }) => form !== undefined);
  const form = fitting[0]?.form;
  if (form === undefined) throw new PeerError('http/not-acceptable', { message: `It is ${offer.type}.` });
  const syntaxes = fitting
    .filter((each) => each.form === form)
    .map(({ range }) => range.parameters['transfer-syntax'] ?? '*');
  return { form, syntaxes: syntaxes.includes('*') ? 'any' : new Set(syntaxes) };
}

/** The first of several offers that the client takes, by what it likes best. @throws PeerError http/not-acceptable */
export function chooseOf(
  ranges: readonly MediaRange[],
  offers: readonly Offer[],
): { offer: Offer; form: Chosen['form'] } {
  for (const range of ranges) {
    for (const offer of offers) {
      const form = formOf(range, offer);
      if (form !== undefined) return { offer, form };
    }
  }
  const message = `It is ${offers.map(({ type }) => type).join(' or ')}.`;
  throw new PeerError('http/not-acceptable', { message });
}

/** How this range takes the offer; undefined when it does not. */
export function formOf({ type, parameters }: MediaRange, offer: Offer): Chosen['form'] | undefined {
  if (type === '*/*') return offer.bare && offer.single ? 'single' : 'multipart';
  if (type === 'multipart/related' || type === 'multipart/*') {
    const inner = parameters.type?.toLowerCase();
    return inner === undefined || covers(inner, offer) ? 'multipart' : undefined;
  }
  return offer.single && covers(type, offer) ? 'single' : undefined;
}

const covers = (range: string, { type, also = [] }: Offer): boolean =>
  [type, ...also].some((name) => range === '*/*' || range === name || range === `${name.split('/')[0]}/*`);
