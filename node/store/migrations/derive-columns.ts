// Columns that came later than the instances: derived from the headers that are stored, as those of a new instance are.
// Nothing else of a row changes, so what people have decided stays.
import { equal, unhex } from '../../../protocol/bytes.ts';
import { must } from '../../../protocol/errors.ts';
import {
  type ColumnKeyword,
  indexAttributesOf,
  type Level,
  personColumns,
} from '../../dicom/model/index-attributes.ts';
import type { DicomJson } from '../../dicom/model/json.ts';
import { columnsOf, type HeaderColumns } from '../../dicom/read/instance-header.ts';
import type { Kv, Write } from '../kv.ts';
import { decodeRecord, encodeRecord, type InstanceRecord, type SeriesRecord, type StudyRecord } from '../records.ts';
import type { RowWriter } from './row-writer.ts';

/** A header and when its instance came: the first one of a study or series speaks for it, as it did then. */
interface Came {
  readonly received: number;
  readonly columns: HeaderColumns;
}

/** Attributes with columns of their own, and whether studies get the columns that say whose they are. */
interface Wanted {
  readonly columns?: readonly ColumnKeyword[] | undefined;
  readonly persons?: true | undefined;
}

/**
 * Derives these attributes' columns for all that is stored, one study in memory at a time.
 * @throws PeerError store/corrupt when a header is missing
 */
export async function deriveColumns(kv: Kv, rows: RowWriter, wanted: Wanted): Promise<void> {
  const deriving = new Deriving(kv, rows, wanted);
  for await (const [key, row] of kv.bucket('study').range(undefined, { after: await rows.reached() })) {
    await deriving.study(key, row);
    rows.done(key);
  }
  await deriving.patients();
}

class Deriving {
  readonly #kv: Kv;
  readonly #rows: RowWriter;
  readonly #names: { readonly [L in Level]: readonly string[] };

  constructor(kv: Kv, rows: RowWriter, { columns = [], persons = undefined }: Wanted) {
    this.#kv = kv;
    this.#rows = rows;
    const keywords: readonly string[] = columns;
    const of = (level: Level) =>
      indexAttributesOf[level].flatMap(({ keyword, column }) => (column && keywords.includes(keyword) ? [column] : []));
    const study = [...of('study'), ...(persons ? Object.values(personColumns) : [])];
    this.#names = { patient: of('patient'), study, series: of('series'), instance: of('instance') };
  }

  async study(key: Uint8Array, row: Uint8Array): Promise<void> {
    const [first, ofSeries] = await this.#instances(key);
    const writes = first === undefined ? [] : this.#changed('study', key, row, first.columns);
    for await (const [at, series] of this.#kv.bucket('series').range(key)) {
      const came = ofSeries.get(decodeRecord<SeriesRecord>(series).uid);
      if (came !== undefined) writes.push(...this.#changed('series', at, series, came.columns));
    }
    await this.#rows.took(...writes);
  }

  /** The first instance of a study and of each of its series; each has its own columns anew. */
  async #instances(study: Uint8Array): Promise<[Came | undefined, ReadonlyMap<string, Came>]> {
    const series = new Map<string, Came>();
    let first: Came | undefined;
    for await (const [key, row] of this.#kv.bucket('instance').range(study)) {
      const columns = await this.#header(key);
      const { received, seriesUid } = decodeRecord<InstanceRecord>(row);
      await this.#rows.took(...this.#changed('instance', key, row, columns));
      const came = { received, columns };
      first = earlier(first, came);
      series.set(seriesUid, earlier(series.get(seriesUid), came));
    }
    return [first, series];
  }

  /** A patient's columns are those of the first instance of the first study. */
  async patients(): Promise<void> {
    if (this.#names.patient.length === 0) return;
    const first = new Map<string, { readonly id: string; readonly received: number }>();
    for await (const [, row] of this.#kv.bucket('study').range()) {
      const { id, patient, received } = decodeRecord<StudyRecord>(row);
      const before = first.get(patient);
      if (before === undefined || received < before.received) first.set(patient, { id, received });
    }
    for (const [patient, { id }] of first) {
      const key = unhex(patient);
      const row = await this.#kv.bucket('patient').get(key);
      const columns = await this.#firstOf(unhex(id));
      if (row === undefined || columns === undefined) continue; // nothing of it is stored
      await this.#rows.took(...this.#changed('patient', key, row, columns));
    }
  }

  async #firstOf(study: Uint8Array): Promise<HeaderColumns | undefined> {
    let first: { readonly received: number; readonly key: Uint8Array } | undefined;
    for await (const [key, row] of this.#kv.bucket('instance').range(study)) {
      const { received } = decodeRecord<InstanceRecord>(row);
      if (first === undefined || received < first.received) first = { received, key };
    }
    return first && this.#header(first.key);
  }

  async #header(key: Uint8Array): Promise<HeaderColumns> {
    const header = await this.#kv.bucket('header').get(key);
    must(header !== undefined, 'store/corrupt', { bucket: 'header' });
    return columnsOf(decodeRecord<DicomJson>(header));
  }

  /** The row with its columns as a header has them; nothing where that changes nothing. */
  #changed(level: Level, key: Uint8Array, row: Uint8Array, columns: HeaderColumns): Write[] {
    const found = columns[level] as Readonly<Record<string, string | number | undefined>>;
    const named = Object.fromEntries(this.#names[level].map((name) => [name, found[name]]));
    const value = encodeRecord({ ...decodeRecord<object>(row), ...named });
    return equal(value, row) ? [] : [{ bucket: level, key, value }];
  }
}

const earlier = (a: Came | undefined, b: Came): Came => (a !== undefined && a.received <= b.received ? a : b);
