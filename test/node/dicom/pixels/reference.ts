// What dcmtk and GDCM make of a file's pixels, to compare ours with.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transferSyntax } from '../../../../node/dicom/model/transfer-syntax.ts';
import { decodePixelFrame } from '../../../../node/dicom/pixels/decode.ts';
import { performPixels } from '../../../../node/dicom/pixels/jobs.ts';
import { interleaved } from '../../../../node/dicom/pixels/layout.ts';
import type { Pixels } from '../../../../node/dicom/pixels/pool.ts';
import type { PixelFrame } from '../../../../node/dicom/pixels/shape.ts';
import { pixelSource, type StoredInstance } from '../../../../node/dicom/pixels/source.ts';
import { WasmCodecs } from '../../../../node/dicom/pixels/wasm-codecs.ts';
import { storedFile } from './kit.ts';

export const codecs = await WasmCodecs.load();

/** The pool's work in this thread. */
export const inline: Pixels = { run: async (job) => performPixels(codecs, job) };

/** All frames, samples side by side. */
export async function framesOf(stored: StoredInstance): Promise<PixelFrame[]> {
  const source = pixelSource(stored);
  const frames: PixelFrame[] = [];
  for (let index = 0; index < source.count; index += 1) {
    const bytes = await source.frame(index);
    frames.push(interleaved(decodePixelFrame(codecs, source.transferSyntax, bytes, source.shape)));
  }
  return frames;
}

const tools: Readonly<Record<string, readonly string[]>> = {
  dcmdjpeg: [],
  dcmdjpls: [],
  dcmdrle: [],
  gdcmconv: ['--raw'],
};

/** The file decoded by every one of these programs that can: by name. */
export async function decodings(part10: Uint8Array): Promise<Map<string, PixelFrame[]>> {
  const dir = mkdtempSync(join(tmpdir(), 'dicomnet-pixels-'));
  const found = new Map<string, PixelFrame[]>();
  try {
    const [from, to] = [join(dir, 'in.dcm'), join(dir, 'out.dcm')];
    writeFileSync(from, part10);
    for (const [tool, options] of Object.entries(tools)) {
      rmSync(to, { force: true });
      try {
        execFileSync(tool, [...options, from, to], { stdio: 'ignore', timeout: 30_000 });
      } catch {
        continue; // this one does not know the transfer syntax: another may
      }
      const stored = existsSync(to) ? await storedFile(readFileSync(to)) : undefined;
      if (stored && !transferSyntax(stored.transferSyntax).encapsulated) found.set(tool, await framesOf(stored));
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
  return found;
}

/** The largest difference of two samples within the bits that are stored; infinite for images of different kinds. */
export function difference(ours: readonly PixelFrame[], theirs: readonly PixelFrame[]): number {
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY;
  return Math.max(...ours.map((frame, i) => frameDifference(frame, theirs[i]!)));
}

function frameDifference({ shape, pixels }: PixelFrame, other: PixelFrame): number {
  const same = pixels.length === other.pixels.length && shape.photometric === other.shape.photometric;
  if (!same) return Number.POSITIVE_INFINITY;
  if (shape.bitsAllocated !== 16) {
    return pixels.reduce((most, value, at) => Math.max(most, Math.abs(value - other.pixels[at]!)), 0);
  }
  const [mine, yours] = [pixels, other.pixels].map((each) => new DataView(each.buffer, each.byteOffset));
  const mask = 2 ** shape.bitsStored - 1;
  let most = 0;
  for (let at = 0; at < pixels.length; at += 2) {
    const apart = Math.abs((mine!.getUint16(at, true) & mask) - (yours!.getUint16(at, true) & mask));
    if (apart > most) most = apart;
  }
  return most;
}
