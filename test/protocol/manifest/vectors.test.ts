import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nativeBulk } from '../../../node/system/bulk.ts';
import { hex, unhex } from '../../../protocol/bytes.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { unpackFrames } from '../../../protocol/manifest/frames.ts';
import { attributesOf, encodeManifest, framesOf } from '../../../protocol/manifest/manifest.ts';
import { openManifest } from '../../../protocol/manifest/sealed-manifest.ts';

const folder = new URL('../../../protocol/vectors/manifest/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

const replay: Record<string, (input: Record<string, string>) => unknown> = {
  manifest({ key, id, sealed }) {
    const manifest = openManifest(unhex(sealed!), { id: id!, key: unhex(key!) }, { bulk: nativeBulk });
    const series = manifest.series.map(({ attributes, instances, ...each }) => ({
      ...each,
      instances: instances.map((one) => ({
        ...one,
        frames: framesOf(one),
        attributes: attributesOf({ ...each, attributes, instances }, one),
      })),
    }));
    return { payload: hex(encodeManifest(manifest)), manifest: { ...manifest, series } };
  },
  frames: ({ packed }) => unpackFrames(unhex(packed!)),
};

describe('manifest vectors', () => {
  it.each(files)('%s', (file) => {
    const vector = JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
    const run = () => {
      try {
        return replay[vector.what]!(vector.input);
      } catch (error) {
        if (error instanceof PeerError) return error.code;
        throw error;
      }
    };
    expect(run()).toEqual(vector.expect);
  });
});
