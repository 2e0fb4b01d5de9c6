// Instances for tests of pixels: sample files read in memory, those without an identity too.

import type { DicomJson } from '../../../../node/dicom/model/json.ts';
import { isPixelData } from '../../../../node/dicom/model/tags.ts';
import { transferSyntax } from '../../../../node/dicom/model/transfer-syntax.ts';
import type { StoredInstance } from '../../../../node/dicom/pixels/source.ts';
import { DatasetReader } from '../../../../node/dicom/read/dataset-reader.ts';
import { FrameCollector } from '../../../../node/dicom/read/frame-collector.ts';
import { InflatingReader } from '../../../../node/dicom/read/inflate.ts';
import { JsonBuilder } from '../../../../node/dicom/read/json-builder.ts';
import { Part10Splitter } from '../../../../node/dicom/read/part10.ts';
import { limits } from '../../../../protocol/limits.ts';

/** A Part 10 file as an instance that is stored. */
export async function storedFile(part10: Uint8Array): Promise<StoredInstance> {
  const splitter = new Part10Splitter();
  const parts = [splitter.push(part10), splitter.end()].filter((part) => part !== undefined);
  const dataset = Buffer.concat(parts);
  const syntax = transferSyntax(splitter.head!.transferSyntax);
  const builder = new JsonBuilder({ jsonBytes: limits.dicomJsonBytes, kept: new Set() });
  const frames = new FrameCollector();
  let depth = 0;
  const reader = new DatasetReader(
    { encoding: syntax, valueBytes: limits.dicomInlineBytes },
    {
      element: (event) => {
        builder.element(isPixelData(event.tag) ? { ...event, value: undefined } : event);
        if (depth === 0) frames.element(event);
      },
      sequenceStart: (event) => {
        depth += 1;
        builder.sequenceStart(event);
      },
      sequenceEnd: (end) => {
        depth -= 1;
        builder.sequenceEnd(end);
      },
      itemStart: () => builder.itemStart(),
      itemEnd: () => builder.itemEnd(),
      fragmentsStart: (event) => {
        if (depth === 0) frames.fragmentsStart(event);
        opened = event;
      },
      fragment: (event) => {
        if (depth === 0) frames.fragment(event);
      },
      fragmentsEnd: (end) => {
        if (depth === 0) frames.fragmentsEnd(end);
        builder.fragments(opened!, end);
      },
    },
  );
  let opened: Parameters<FrameCollector['fragmentsStart']>[0] | undefined;
  if (syntax.deflated) {
    const inflate = new InflatingReader((chunk) => reader.push(chunk));
    await inflate.push(dataset);
    await inflate.end();
  } else reader.push(dataset);
  reader.end();
  builder.end();
  const json: DicomJson = builder.root;
  const number = (tag: string) => {
    const value = json[tag]?.Value?.[0];
    return typeof value === 'number' ? value : 0;
  };
  return {
    transferSyntax: splitter.head!.transferSyntax,
    header: json,
    length: dataset.length,
    frames: frames.frames(
      {
        rows: number('00280010'),
        columns: number('00280011'),
        samplesPerPixel: number('00280002') || 1,
        bitsAllocated: number('00280100'),
        photometric: String(json['00280004']?.Value?.[0] ?? ''),
        frames: number('00280008') || 1,
      },
      syntax,
    ),
    read: async function* (from, to) {
      yield Uint8Array.from(dataset.subarray(from, to));
    },
  };
}
