// Cleaning what people have typed (PS3.15 E.3.5): only words that are known to describe images stay.
import { words } from './words.ts';

// numbers of up to three digits, perhaps with decimals and a unit or a letter: 1.5T, 0.625mm, T2, B30f, L4, 120kV
const measure = /^(?:[a-z]{0,2}\d{1,3}(?:[.,]\d{1,3})?[a-zµ]{0,3}|[ivx]{1,4}|[a-z])$/;

const isKnown = (token: string): boolean => words.has(token) || (measure.test(token) && unitKnown(token));

// what is left of a measure without its digits is short, and a word that is known or a single letter
function unitKnown(token: string): boolean {
  const letters = token.match(/[a-zµ]+/g) ?? [];
  return letters.every((each) => each.length === 1 || words.has(each) || /^[ivx]+$/.test(each));
}

/** The words of a text: runs of letters, digits and decimal points. */
export const tokensOf = (text: string): string[] => text.match(/[\p{L}\p{M}\p{N}]+(?:[.,]\p{N}+)*\p{L}*/gu) ?? [];

const plain = (token: string): string => token.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** Whether all of it may stay: it says what an image shows and nothing of whom. */
export const isDescriptive = (text: string): boolean =>
  tokensOf(text).every((token) => isKnown(token.toLowerCase()) || isKnown(plain(token)));

/** What of a text may stay, in ASCII so that it fits any character set; empty when nothing may. */
export const cleanDescription = (text: string): string =>
  tokensOf(text)
    .filter((token) => isKnown(token.toLowerCase()) && /^[\x20-\x7e]+$/.test(token))
    .join(' ');
