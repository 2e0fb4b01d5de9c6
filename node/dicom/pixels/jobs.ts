// What a worker does with one frame: plain data in, plain data out.

import { blankFrame, type Rectangle } from './blank.ts';
import { decodePixelFrame } from './decode.ts';
import { type Encoded, encodePixelFrame } from './encode.ts';
import { type Recipe, type RenderedFrame, renderFrame } from './render.ts';
import type { PixelFrame, PixelShape } from './shape.ts';
import type { WasmCodecs } from './wasm-codecs.ts';

interface Input {
  /** The frame as source.ts gives it; its memory goes to the worker. */
  readonly bytes: Uint8Array;
  readonly shape: PixelShape;
  readonly transferSyntax: string;
}

export type PixelJob =
  | ({ readonly type: 'decode' } & Input)
  | ({
      readonly type: 'transcode';
      readonly to: string;
      readonly quality?: number;
      /** Regions that become black before. */
      readonly blank?: readonly Rectangle[];
    } & Input)
  | ({ readonly type: 'blank'; readonly blank: readonly Rectangle[] } & Input)
  | ({ readonly type: 'render'; readonly recipe: Recipe } & Input);

interface Results {
  decode: PixelFrame;
  transcode: Encoded;
  blank: PixelFrame;
  render: RenderedFrame;
}

export type PixelResult<J extends PixelJob> = Results[J['type']];

/** Does one job now. @throws PeerError pixels/* */
export function performPixels<J extends PixelJob>(codecs: WasmCodecs, job: J): PixelResult<J> {
  return perform(codecs, job) as PixelResult<J>;
}

function perform(codecs: WasmCodecs, job: PixelJob): Results[PixelJob['type']] {
  const frame = decodePixelFrame(codecs, job.transferSyntax, job.bytes, job.shape);
  switch (job.type) {
    case 'decode':
      return frame;
    case 'blank':
      return blankFrame(frame, job.blank);
    case 'transcode': {
      const shown = job.blank === undefined ? frame : blankFrame(frame, job.blank);
      return encodePixelFrame(codecs, job.to, shown, job.quality);
    }
    case 'render':
      return renderFrame(codecs, frame, job.recipe);
  }
}
