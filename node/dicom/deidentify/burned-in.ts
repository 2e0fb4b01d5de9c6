// Whether text may be burned into the pixels: from what the object says of itself, for nobody looks at the pixels here.
import { isUid } from '../model/uid.ts';

/** What of a header speaks for or against text in the pixels. */
export interface PixelFacts {
  readonly sopClass: string;
  readonly hasPixels: boolean;
  /** Burned In Annotation (0028,0301), empty when it says nothing. */
  readonly annotation: string;
  /** Image Type (0008,0008). */
  readonly imageType: readonly string[];
  /** Conversion Type (0008,0064): the image comes from film, paper, video or a screen. */
  readonly conversion: string;
  /** Sequence of Ultrasound Regions (0018,6011): the rest of each frame is a screen with text. */
  readonly regions: boolean;
  /** An Encapsulated Document (0042,0011): a PDF, a CDA, a model. */
  readonly document: boolean;
}

const images = '1.2.840.10008.5.1.4.1.1';

/** Secondary capture, ultrasound, photographs, endoscopy, video; and sound, which a voice names. */
const suspected = new RegExp(
  `^${images}\\.(7(\\.\\d)?|3(\\.1)?|6(\\.[12])?|77\\.1\\.[124](\\.1)?|77\\.1\\.5\\.[1-8]|9\\.4\\.1)$`.replaceAll(
    '1.2.8',
    '1\\.2\\.8',
  ),
);
const angiography = new Set([`${images}.12.1`, `${images}.12.2`, `${images}.12.3`]);
const screens = /SCREEN|SAVE|DOSE|REPORT|CAPTURE|SCANNED|RESULT|SUMMARY|OVERLAY|FUSED|COLLAGE/i;
const converted = new Set(['DV', 'DF', 'WSD', 'SD', 'DRW', 'SYN']);

/** Sound has no pixels, but a voice says a name as well as any text. */
const voice = `${images}.9.4.1`;

/**
 * True when text has to be expected: the object says so, or says nothing and is a secondary capture, an ultrasound, a
 * photograph, a derived angiogram, a screen or a converted image. An object that says NO is believed, but for screens.
 */
export function isBurnedInSuspected(facts: PixelFacts): boolean {
  const { sopClass, hasPixels, annotation, imageType, conversion, regions } = facts;
  if (sopClass === voice) return true;
  if (!hasPixels) return false;
  if (imageType.some((value) => screens.test(value))) return true;
  if (annotation === 'NO') return false;
  if (annotation !== '' || !isUid(sopClass)) return true;
  const derived = imageType[0] === 'DERIVED' || imageType[1] === 'SECONDARY';
  return suspected.test(sopClass) || regions || converted.has(conversion) || (angiography.has(sopClass) && derived);
}
