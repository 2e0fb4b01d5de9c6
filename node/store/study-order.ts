// Studies by when they were made, latest first: what every list of studies shows, kept so that a page needs no sorting.
import type { StudyRecord } from './records.ts';

interface Place {
  /** Sorts like the study's date, time and UID. */
  readonly key: string;
  study: StudyRecord;
}

// separators of old files (1993.08.22, 10:15) don't take part
const digits = (text = ''): string => text.replace(/\D/g, '');

const dateOf = (date: string | undefined): string => {
  const known = digits(date).slice(0, 8);
  return known === '' ? '        ' : known.padEnd(8, '0');
};

const keyOf = ({ date, time, uid }: StudyRecord): string =>
  `${dateOf(date)}${digits(time).slice(0, 12).padEnd(12, ' ')}${uid}`;

const compare = (a: Place, b: Place): number => (a.key < b.key ? 1 : a.key > b.key ? -1 : 0);

/** These studies, latest first; those without a date last. */
export const latestFirst = (studies: readonly StudyRecord[]): StudyRecord[] =>
  studies
    .map((study) => ({ key: keyOf(study), study }))
    .sort(compare)
    .map(({ study }) => study);

export interface DateRange {
  readonly low: string;
  readonly high: string;
}

/** Where the places of these dates begin and end. */
const within = (places: readonly Place[], { low, high }: DateRange): [number, number] => [
  firstWhere(places, (key) => key.slice(0, 8) <= high),
  firstWhere(places, (key) => key.slice(0, 8) < low),
];

/** The first place from which on it holds, by halving. */
function firstWhere(places: readonly Place[], holds: (key: string) => boolean): number {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(places[middle]!.key)) high = middle;
    else low = middle + 1;
  }
  return low;
}

export class StudyOrder {
  readonly #places = new Map<string, Place>();
  /** Replaced, never changed, so that who reads it goes on with what was there. */
  #sorted: readonly Place[] = [];
  #added: Place[] = [];

  /** Takes a study's record in the place of the one before; its date, time and UID don't change. */
  keep(study: StudyRecord): void {
    const known = this.#places.get(study.id);
    if (known !== undefined) {
      known.study = study;
      return;
    }
    const place = { key: keyOf(study), study };
    this.#places.set(study.id, place);
    this.#added.push(place);
  }

  /** Sorts what was loaded, before anybody waits for it. */
  settle(): void {
    this.#merge();
  }

  /** @param dates only of these dates (YYYYMMDD), both included */
  *latest(dates?: DateRange): Generator<StudyRecord> {
    this.#merge();
    const places = this.#sorted;
    const [from, to] = dates === undefined ? [0, places.length] : within(places, dates);
    for (let i = from; i < to; i += 1) yield places[i]!.study;
  }

  /** What was added since somebody last read takes its places. */
  #merge(): void {
    const added = this.#added;
    if (added.length === 0) return;
    this.#added = [];
    if (added.length > fewPlaces) {
      this.#sorted = [...this.#sorted, ...added].sort(compare);
      return;
    }
    const sorted = [...this.#sorted];
    for (const place of added)
      sorted.splice(
        firstWhere(sorted, (key) => key < place.key),
        0,
        place,
      );
    this.#sorted = sorted;
  }
}

/** So many are put into their places one by one sooner than everything is sorted. */
const fewPlaces = 64;
