import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkSummaryRequest, verifySummaryRequest } from '../../../protocol/adverts/ask.ts';
import { verifyAdvert } from '../../../protocol/adverts/record.ts';
import { decodeTagsRequest, encodeTagsRequest } from '../../../protocol/adverts/store-messages.ts';
import { openSummary } from '../../../protocol/adverts/summary.ts';
import { hex, unhex } from '../../../protocol/bytes.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { verify } from '../../../protocol/identity.ts';

const folder = new URL('../../../protocol/vectors/adverts/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

// biome-ignore lint/suspicious/noExplicitAny: each kind of vector has its own shape, given by the script that makes it
const replay: Record<string, (input: any) => unknown> = {
  advert({ federation, envelope }) {
    const { bytes, sealed, ...value } = verifyAdvert(unhex(envelope), federation, verify);
    expect(hex(bytes)).toBe(envelope);
    return { ...value, ...(sealed && { sealed: hex(sealed) }) };
  },
  summary: ({ key, sealed, of }) => openSummary({ key: unhex(key), sealed: unhex(sealed), of }),
  'summary-request'({ federation, me, now, envelope }) {
    const request = verifySummaryRequest(unhex(envelope), federation, verify);
    checkSummaryRequest({ request, me, now, memberOf: () => request.value.from, seen: () => false });
    return request.value;
  },
  'tags-request'(input) {
    const request = decodeTagsRequest(unhex(input));
    expect(hex(encodeTagsRequest(request))).toBe(input);
    return request.type === 'put' ? { ...request, records: request.records.map(hex) } : request;
  },
};

const orCode = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    if (error instanceof PeerError) return error.code;
    throw error;
  }
};

describe('vectors of advertisements', () => {
  it.each(files)('%s', (file) => {
    const { what, input, expect: expected } = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    expect(orCode(() => replay[what]!(input))).toEqual(expected);
  });
});
