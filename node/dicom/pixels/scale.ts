// Rasters of 8 bits in another size: areas are averaged where they shrink, and drawn out where they grow.

export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly samples: number;
  readonly data: Uint8Array;
}

/** What of the image is shown, and how large at most; the image's shape is kept (PS3.18 8.3.5.1.3). */
export interface View {
  readonly width?: number;
  readonly height?: number;
  /** The part of the image that is shown, in its pixels. */
  readonly part?: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  readonly flip?: { readonly across: boolean; readonly down: boolean };
}

export function scaled(raster: Raster, view: View): Raster {
  const shown = flipped(cropped(raster, view.part), view.flip);
  const { width, height } = shown;
  const factor = Math.min(
    (view.width ?? Number.POSITIVE_INFINITY) / width,
    (view.height ?? Number.POSITIVE_INFINITY) / height,
  );
  if (!Number.isFinite(factor) || factor === 1) return shown;
  const size = (length: number, most: number | undefined) =>
    Math.max(1, Math.min(most ?? Number.POSITIVE_INFINITY, Math.round(length * factor)));
  return across(down(shown, size(height, view.height)), size(width, view.width));
}

function cropped(raster: Raster, part: View['part']): Raster {
  if (part === undefined) return raster;
  const { width, height, samples, data } = raster;
  const left = Math.min(width - 1, Math.max(0, Math.floor(part.left)));
  const top = Math.min(height - 1, Math.max(0, Math.floor(part.top)));
  const [wide, high] = [Math.min(width - left, Math.ceil(part.width)), Math.min(height - top, Math.ceil(part.height))];
  const out = new Uint8Array(wide * high * samples);
  for (let row = 0; row < high; row += 1) {
    const from = ((top + row) * width + left) * samples;
    out.set(data.subarray(from, from + wide * samples), row * wide * samples);
  }
  return { width: wide, height: high, samples, data: out };
}

function flipped(raster: Raster, flip: View['flip']): Raster {
  if (flip === undefined || !(flip.across || flip.down)) return raster;
  const { width, height, samples, data } = raster;
  const out = new Uint8Array(data.length);
  for (let row = 0; row < height; row += 1) {
    const line = flip.down ? height - 1 - row : row;
    for (let column = 0; column < width; column += 1) {
      const from = (line * width + (flip.across ? width - 1 - column : column)) * samples;
      for (let i = 0; i < samples; i += 1) out[(row * width + column) * samples + i] = data[from + i]!;
    }
  }
  return { ...raster, data: out };
}

/** For each new place the old places under it, and how much of each. */
function weights(from: number, to: number): { start: number; parts: Float64Array }[] {
  const step = from / to;
  return Array.from({ length: to }, (_, i) => {
    if (to > from) {
      // between the middles of two neighbours
      const at = Math.max(0, Math.min(from - 1, (i + 0.5) * step - 0.5));
      const start = Math.min(Math.floor(at), Math.max(0, from - 2));
      return { start, parts: from === 1 ? Float64Array.of(1) : Float64Array.of(1 - (at - start), at - start) };
    }
    const [low, high] = [i * step, Math.min(from, (i + 1) * step)];
    const start = Math.floor(low);
    const parts = Float64Array.from({ length: Math.max(1, Math.ceil(high) - start) }, (_, j) => {
      return (Math.min(high, start + j + 1) - Math.max(low, start + j)) / (high - low);
    });
    return { start, parts };
  });
}

function across(raster: Raster, width: number): Raster {
  if (width === raster.width) return raster;
  const { height, samples, data } = raster;
  const out = new Uint8Array(width * height * samples);
  const each = weights(raster.width, width);
  for (let row = 0, to = 0; row < height; row += 1) {
    for (const { start, parts } of each) {
      for (let sample = 0; sample < samples; sample += 1, to += 1) {
        let sum = 0;
        for (let i = 0; i < parts.length; i += 1) {
          sum += parts[i]! * data[(row * raster.width + start + i) * samples + sample]!;
        }
        out[to] = Math.round(sum);
      }
    }
  }
  return { width, height, samples, data: out };
}

function down(raster: Raster, height: number): Raster {
  if (height === raster.height) return raster;
  const { width, samples, data } = raster;
  const line = width * samples;
  const out = new Uint8Array(line * height);
  const sums = new Float64Array(line);
  for (const [row, { start, parts }] of weights(raster.height, height).entries()) {
    sums.fill(0);
    for (let i = 0; i < parts.length; i += 1) {
      const [part, from] = [parts[i]!, (start + i) * line];
      for (let at = 0; at < line; at += 1) sums[at]! += part * data[from + at]!;
    }
    for (let at = 0; at < line; at += 1) out[row * line + at] = Math.round(sums[at]!);
  }
  return { width, height, samples, data: out };
}
