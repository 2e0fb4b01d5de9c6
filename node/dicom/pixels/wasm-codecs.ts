// The codecs of dcmjs-codecs (libjpeg for 8, 12 and 16 bits, CharLS, OpenJPEG, OpenJPH, libjxl), called one frame at a
// time. Its own JavaScript works on whole data sets and has no bound; this is the same WebAssembly with one.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { must, PeerError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';

export type Codec = 'Jpeg' | 'JpegLs' | 'Jpeg2000' | 'HtJpeg2000' | 'JpegXl';

/** What a codec is told of the frame. Samples stand side by side; of 8 or of 16 bits. */
export interface CodecFrame {
  readonly rows: number;
  readonly columns: number;
  readonly samples: number;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly signed: boolean;
  /** The samples are RGB: JPEG 2000 may transform them. */
  readonly rgb: boolean;
}

export interface EncodeOptions {
  readonly lossy: boolean;
  /** JPEG, 1 to 100. */
  readonly quality?: number;
}

type Call = (...numbers: number[]) => number;

interface Instance {
  readonly memory: WebAssembly.Memory;
  readonly call: (name: string, ...numbers: number[]) => number;
}

const rgb = 3;
const ybrFull = 4;
const monochrome = 1;

export class WasmCodecs {
  readonly #module: WebAssembly.Module;
  #instance: Instance | undefined;

  private constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  static async load(): Promise<WasmCodecs> {
    const file = createRequire(import.meta.url).resolve('dcmjs-codecs/build/dcmjs-native-codecs.wasm');
    return new WasmCodecs(await WebAssembly.compile(await readFile(file)));
  }

  /** Samples side by side. @throws PeerError pixels/corrupt, pixels/too-large */
  decode(codec: Codec, bytes: Uint8Array, frame: CodecFrame, toRgb: boolean): Uint8Array {
    return this.#guarded(codec, ({ memory, call }) => {
      const context = newContext(call, frame);
      call('SetEncodedBufferSize', context, bytes.length);
      new Uint8Array(memory.buffer).set(bytes, call('GetEncodedBuffer', context));
      const parameters = call('CreateDecoderParameters');
      call('SetConvertColorspaceToRgb', parameters, Number(toRgb));
      call(`Decode${codec}`, context, parameters);
      call('ReleaseDecoderParameters', parameters);
      return taken(memory, call, context, 'Decoded');
    });
  }

  /** @throws PeerError pixels/cannot-encode, pixels/too-large */
  encode(codec: Codec, pixels: Uint8Array, frame: CodecFrame, options: EncodeOptions): Uint8Array {
    return this.#guarded(codec, ({ memory, call }) => {
      const context = newContext(call, frame);
      call('SetDecodedBufferSize', context, pixels.length);
      new Uint8Array(memory.buffer).set(pixels, call('GetDecodedBuffer', context));
      const parameters = call('CreateEncoderParameters');
      setParameters(call, parameters, frame, options);
      call(`Encode${codec}`, context, parameters);
      call('ReleaseEncoderParameters', parameters);
      return taken(memory, call, context, 'Encoded');
    });
  }

  // An error leaves the codec's own state and memory as they were in the middle: the next frame gets a new instance.
  #guarded(codec: Codec, work: (instance: Instance) => Uint8Array): Uint8Array {
    const instance = this.#instance ?? instantiate(this.#module);
    this.#instance = undefined;
    try {
      const result = work(instance);
      if (instance.memory.buffer.byteLength <= limits.pixelCodecKeptBytes) this.#instance = instance;
      return result;
    } catch (error) {
      if (error instanceof PeerError) throw error;
      throw new PeerError('pixels/corrupt', { codec }, { cause: error });
    }
  }
}

function instantiate(module: WebAssembly.Module): Instance {
  const holder: { memory?: WebAssembly.Memory } = {};
  const text = (at: number, length: number) => Buffer.from(holder.memory!.buffer, at, length).toString('latin1');
  const size = (at: number) => new DataView(holder.memory!.buffer).getUint32(at, true);
  const imports = {
    env: {
      onCodecsException: (at: number, length: number) => {
        throw new Error(text(at, length));
      },
      onCodecsInfo: () => undefined,
      onCodecsTrace: () => undefined,
      emscripten_notify_memory_growth: () => {
        const bytes = holder.memory!.buffer.byteLength;
        must(bytes <= limits.pixelCodecBytes, 'pixels/too-large', { bytes });
      },
    },
    wasi_snapshot_preview1: {
      proc_exit: (code: number) => {
        throw new Error(`the codec gave up with ${code}`);
      },
      clock_time_get: () => 0,
      environ_get: () => 0,
      environ_sizes_get: (count: number, bytes: number) => {
        const view = new DataView(holder.memory!.buffer);
        view.setUint32(count, 0, true);
        view.setUint32(bytes, 0, true);
        return 0;
      },
      // what the codecs would print is not kept: it could name what is in the frame
      fd_write: (_file: number, vectors: number, count: number, written: number) => {
        let bytes = 0;
        for (let i = 0; i < count; i += 1) bytes += size(vectors + i * 8 + 4);
        new DataView(holder.memory!.buffer).setUint32(written, bytes, true);
        return 0;
      },
      fd_close: () => 0,
      fd_seek: () => 0,
    },
  };
  const { exports } = new WebAssembly.Instance(module, imports);
  const memory = exports.memory as WebAssembly.Memory;
  holder.memory = memory;
  const call = (name: string, ...numbers: number[]): number => (exports[name] as Call)(...numbers);
  call('_initialize');
  return { memory, call };
}

function newContext(call: Instance['call'], frame: CodecFrame): number {
  const context = call('CreateCodecsContext');
  call('SetColumns', context, frame.columns);
  call('SetRows', context, frame.rows);
  call('SetBitsAllocated', context, frame.bitsAllocated);
  call('SetBitsStored', context, frame.bitsStored);
  call('SetSamplesPerPixel', context, frame.samples);
  call('SetPixelRepresentation', context, Number(frame.signed));
  call('SetPlanarConfiguration', context, 0);
  call('SetPhotometricInterpretation', context, frame.rgb ? rgb : frame.samples > 1 ? ybrFull : monochrome);
  return context;
}

function setParameters(
  call: Instance['call'],
  to: number,
  { rgb }: CodecFrame,
  { lossy, quality = 90 }: EncodeOptions,
) {
  call('SetLossy', to, Number(lossy));
  call('SetQuality', to, quality);
  call('SetSmoothingFactor', to, 0);
  call('SetSampleFactor', to, 0); // 4:4:4
  call('SetPredictor', to, 1);
  call('SetPointTransform', to, 0);
  call('SetAllowedLossyError', to, 0);
  call('SetProgressionOrder', to, 2); // RPCL
  call('SetRate', to, 20);
  call('SetAllowMct', to, Number(rgb));
}

/** A copy: the codec's memory is used again. */
function taken(memory: WebAssembly.Memory, call: Instance['call'], context: number, which: 'Decoded' | 'Encoded') {
  const [at, length] = [call(`Get${which}Buffer`, context), call(`Get${which}BufferSize`, context)];
  must(length <= limits.pixelFrameBytes + 64 * 1024, 'pixels/too-large', { length });
  const result = new Uint8Array(memory.buffer, at, length).slice();
  call('ReleaseCodecsContext', context);
  return result;
}
