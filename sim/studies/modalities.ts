// A chest CT, a head MR and a chest CR: what their IODs demand (PS3.3 A.3, A.4, A.2) and what they look like.
import type { Attributes } from './dataset-writer.ts';
import { axialPlane } from './modules.ts';
import type { Picture } from './phantom.ts';

interface SliceOf {
  readonly index: number;
  readonly count: number;
  readonly frameOfReference: string;
}

export interface Modality {
  readonly modality: 'CT' | 'MR' | 'CR';
  readonly sopClassUid: string;
  readonly imageType: string;
  readonly bodyPart: string;
  readonly studyDescription: string;
  readonly seriesDescription: string;
  readonly bitsStored: number;
  readonly own: (slice: SliceOf) => Attributes;
  readonly picture: (slice: SliceOf) => Picture;
}

// Stored values are Hounsfield units + 1024. Organs grow and shrink along the body.
function ctPicture({ index, count }: SliceOf): Picture {
  const along = count === 1 ? 0.5 : index / (count - 1);
  const swell = 0.85 + 0.15 * Math.sin(Math.PI * along);
  const lung = 0.13 * Math.sin(Math.PI * Math.min(1, along * 1.3 + 0.1)) + 0.02;
  return {
    rows: 512,
    columns: 512,
    background: 24,
    noiseBits: 5,
    maximum: 4095,
    ellipses: [
      { x: 0.5, y: 0.52, rx: 0.42 * swell, ry: 0.31 * swell, value: 924 },
      { x: 0.5, y: 0.52, rx: 0.39 * swell, ry: 0.28 * swell, value: 1074 },
      { x: 0.33, y: 0.5, rx: lung, ry: lung * 1.4, value: 174 },
      { x: 0.67, y: 0.5, rx: lung, ry: lung * 1.4, value: 174 },
      { x: 0.53, y: 0.45, rx: 0.08 * swell, ry: 0.09 * swell, value: 1064 },
      { x: 0.5, y: 0.7, rx: 0.045, ry: 0.05, value: 1524 },
      { x: 0.5, y: 0.69, rx: 0.018, ry: 0.018, value: 1044 },
      { x: 0.3 + 0.1 * along, y: 0.47, rx: 0.012, ry: 0.012, value: 1064 },
    ],
  };
}

function mrPicture({ index, count }: SliceOf): Picture {
  const along = count === 1 ? 0.5 : index / (count - 1);
  const size = 0.45 + 0.55 * Math.sin(Math.PI * (0.1 + 0.8 * along));
  return {
    rows: 256,
    columns: 256,
    background: 12,
    noiseBits: 4,
    maximum: 4095,
    ellipses: [
      { x: 0.5, y: 0.5, rx: 0.36 * size, ry: 0.44 * size, value: 1400 },
      { x: 0.5, y: 0.5, rx: 0.33 * size, ry: 0.41 * size, value: 140 },
      { x: 0.5, y: 0.5, rx: 0.31 * size, ry: 0.39 * size, value: 720 },
      { x: 0.5, y: 0.5, rx: 0.2 * size, ry: 0.28 * size, value: 900 },
      { x: 0.45, y: 0.47, rx: 0.035 * size, ry: 0.11 * size, value: 220 },
      { x: 0.55, y: 0.47, rx: 0.035 * size, ry: 0.11 * size, value: 220 },
      { x: 0.64, y: 0.38, rx: 0.03, ry: 0.03, value: 1250 },
    ],
  };
}

function crPicture({ index }: SliceOf): Picture {
  const side = index % 2 === 0 ? 0.16 : 0.12;
  const ribs = Array.from({ length: 8 }, (_, rib) => ({
    x: 0.5,
    y: 0.18 + rib * 0.08,
    rx: 0.36,
    ry: 0.012,
    value: 2300,
  }));
  return {
    rows: 2048,
    columns: 2048,
    background: 300,
    noiseBits: 6,
    maximum: 4095,
    ellipses: [
      { x: 0.5, y: 0.55, rx: 0.44, ry: 0.52, value: 1900 },
      { x: 0.32, y: 0.45, rx: side, ry: 0.3, value: 900 },
      { x: 0.68, y: 0.45, rx: side, ry: 0.3, value: 900 },
      ...ribs,
      { x: 0.5, y: 0.5, rx: 0.05, ry: 0.5, value: 2700 },
      { x: 0.56, y: 0.6, rx: 0.14, ry: 0.15, value: 2500 },
    ],
  };
}

export const ct: Modality = {
  modality: 'CT',
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  imageType: 'ORIGINAL\\PRIMARY\\AXIAL',
  bodyPart: 'CHEST',
  studyDescription: 'CT torace',
  seriesDescription: 'Torace nativ 2.5 mm',
  bitsStored: 12,
  picture: ctPicture,
  own: (slice) => [
    ...axialPlane({ ...slice, spacing: 2.5, pixel: 0.75, columns: 512, rows: 512 }),
    [0x00180060, 'DS', '120'],
    [0x00185100, 'CS', 'HFS'],
    [0x00200012, 'IS', '1'],
    [0x00281050, 'DS', '40\\-600'],
    [0x00281051, 'DS', '400\\1500'],
    [0x00281052, 'DS', '-1024'],
    [0x00281053, 'DS', '1'],
    [0x00281054, 'LO', 'HU'],
  ],
};

export const mr: Modality = {
  modality: 'MR',
  sopClassUid: '1.2.840.10008.5.1.4.1.1.4',
  imageType: 'ORIGINAL\\PRIMARY\\OTHER',
  bodyPart: 'HEAD',
  studyDescription: 'RMN cerebral',
  seriesDescription: 'T1 axial',
  bitsStored: 12,
  picture: mrPicture,
  own: (slice) => [
    ...axialPlane({ ...slice, spacing: 5, pixel: 0.9, columns: 256, rows: 256 }),
    [0x00180020, 'CS', 'SE'],
    [0x00180021, 'CS', 'NONE'],
    [0x00180022, 'CS', ''],
    [0x00180023, 'CS', '2D'],
    [0x00180080, 'DS', '500'],
    [0x00180081, 'DS', '10'],
    [0x00180087, 'DS', '1.5'],
    [0x00180091, 'IS', '1'],
    [0x00185100, 'CS', 'HFS'],
    [0x00281050, 'DS', '700'],
    [0x00281051, 'DS', '1400'],
  ],
};

export const cr: Modality = {
  modality: 'CR',
  sopClassUid: '1.2.840.10008.5.1.4.1.1.1',
  imageType: 'ORIGINAL\\PRIMARY',
  bodyPart: 'CHEST',
  studyDescription: 'Radiografie toracică',
  seriesDescription: 'Torace PA',
  bitsStored: 12,
  picture: crPicture,
  own: ({ index }) => [
    [0x00181164, 'DS', '0.2\\0.2'],
    [0x00185101, 'CS', index % 2 === 0 ? 'PA' : 'LL'],
    [0x00200020, 'CS', index % 2 === 0 ? 'L\\F' : 'P\\F'],
    [0x00281050, 'DS', '1800'],
    [0x00281051, 'DS', '3000'],
  ],
};
