// Text that another character set than the declared one may explain better: kept until there is enough to tell.

import type { ElementEvent } from '../model/dataset-events.ts';
import { type DicomJson, jsonAttribute } from '../model/json.ts';
import type { Charset } from '../text/charset.ts';
import { guessCharset } from '../text/charset-guess.ts';

/** One value as it came, and where its text stands. */
interface Doubtful {
  readonly attributes: DicomJson;
  readonly name: string;
  readonly event: ElementEvent & { readonly value: Uint8Array };
}

interface Evidence {
  readonly values: Doubtful[];
  bytes: number;
}

/** So many bytes tell enough: what follows is decoded by what they told. */
const enoughBytes = 16_384;
/** Character sets declared in one data set, which sequence items may do anew; those beyond are taken at their word. */
const setsJudged = 64;

export class DoubtfulText {
  readonly #evidence = new Map<Charset, Evidence>();

  add(charset: Charset, doubtful: Doubtful): void {
    let evidence = this.#evidence.get(charset);
    if (evidence === undefined) {
      if (this.#evidence.size >= setsJudged) return;
      evidence = { values: [], bytes: 0 };
      this.#evidence.set(charset, evidence);
    }
    const { event } = doubtful;
    // what came is a view of a buffer that is used again
    evidence.values.push({ ...doubtful, event: { ...event, value: event.value.slice() } });
    evidence.bytes += event.value.length;
    if (evidence.bytes >= enoughBytes) judge(charset, evidence);
  }

  /** Judges all that is kept, and writes the text anew where it was read wrongly. True when any was. */
  settle(): boolean {
    for (const [charset, evidence] of this.#evidence) judge(charset, evidence);
    return [...this.#evidence.keys()].some(({ guessed }) => guessed);
  }
}

function judge(charset: Charset, evidence: Evidence): void {
  if (evidence.values.length === 0) return;
  const label = guessCharset(
    evidence.values.map(({ event }) => event.value),
    charset.declared,
  );
  charset.settle(label);
  for (const { attributes, name, event } of label === undefined ? [] : evidence.values) {
    // it may have become a byte range meanwhile
    if (attributes[name]?.Value !== undefined) attributes[name] = jsonAttribute(event, charset);
  }
  evidence.values.length = 0;
}
