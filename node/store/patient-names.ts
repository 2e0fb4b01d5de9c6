// What patients are searched by, written down once for each: their names as they read and as they sound, many in one text,
// so that a search looks through a few long texts instead of a hundred thousand short ones.
import { foldForSearch } from '../../protocol/person/fold.ts';
import { nameForms } from '../../protocol/person/name-key.ts';

/** Lines of one text, each between two line feeds. */
export interface Lines {
  text: string;
  /** Where each line begins. */
  readonly starts: number[];
  /** Whose each line is: a place in `ids`. */
  readonly of: number[];
}

export interface Names {
  /** Record ids; undefined where the name is another one now. */
  readonly ids: (string | undefined)[];
  /** Forms of names, folded. */
  readonly plain: Lines;
  /** Their keys (dicom/text/name-key.ts). */
  readonly keys: Lines;
}

interface Named {
  readonly id: string;
  readonly name?: string | undefined;
}

/** So many patients share a text: adding to one copies it. */
const together = 1_024;
/** So many dropped names are borne before everything is written anew. */
const droppedMost = 4_096;

const emptyLines = (): Lines => ({ text: '\n', starts: [], of: [] });

function add(lines: Lines, line: string, of: number): void {
  lines.starts.push(lines.text.length);
  lines.of.push(of);
  lines.text += `${line}\n`;
}

export class PatientNames {
  #all: Names[] = [];
  #dropped = 0;

  /** All names, in the order in which they were added. */
  get all(): readonly Names[] {
    return this.#all;
  }

  /** Adds a name that isn't here. @param name as in the record, forms divided by `=` */
  add(id: string, name: string): void {
    let last = this.#all.at(-1);
    if (last === undefined || last.ids.length >= together) {
      if (last !== undefined) for (const { text } of [last.plain, last.keys]) text.charCodeAt(0); // makes one piece of it
      last = { ids: [], plain: emptyLines(), keys: emptyLines() };
      this.#all.push(last);
    }
    const place = last.ids.push(id) - 1;
    for (const form of name.split('=')) {
      add(last.plain, foldForSearch(form), place);
      for (const key of nameForms(form).keys) add(last.keys, key, place);
    }
  }

  /**
   * Puts a name in the place of a former one, or drops that. Rare: it is looked for from end to end.
   * @param all everybody as it is now, for when much was dropped
   */
  replace(id: string, name: string | undefined, all: () => Iterable<Named>): void {
    for (const { ids } of this.#all) {
      const place = ids.indexOf(id);
      if (place < 0) continue;
      ids[place] = undefined;
      this.#dropped += 1;
    }
    if (this.#dropped > droppedMost) this.#anew(all());
    else if (name !== undefined) this.add(id, name);
  }

  #anew(all: Iterable<Named>): void {
    this.#all = [];
    this.#dropped = 0;
    for (const { id, name } of all) if (name !== undefined) this.add(id, name);
  }
}
