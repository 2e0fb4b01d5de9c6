// What C-MOVE and C-GET hand over (PS3.4 C.4.2, C.4.3): let out by the guard, read piece by piece.
import { must } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Guard } from '../access/guard.ts';
import type { StudyReader } from '../access/study-reader.ts';
import type {
  OpenedInstance,
  RetrievedInstance,
  RetrieveRequest,
  RetrieveService as Service,
} from '../dicom/dimse/services.ts';
import { depth } from '../dicom/model/index-attributes.ts';
import type { DicomJson } from '../dicom/model/json.ts';
import { isUid } from '../dicom/model/uid.ts';
import { queryTexts } from '../query/attributes.ts';
import type { QueryIndex } from '../query/rows.ts';
import { find } from '../query/search.ts';
import type { Index } from '../store/index.ts';
import type { InstanceRecord } from '../store/records.ts';
import { asAccepted, offeredSyntaxes } from './as-accepted.ts';
import { modelsOf, type QueryRetrieveLevel, queryRetrieveLevel } from './query-levels.ts';

/** Gives an instance in one of the accepted transfer syntaxes when it isn't stored in any of them. */
export type Transcode = (
  reader: StudyReader,
  instance: InstanceRecord,
  accepted: readonly string[],
) => Promise<OpenedInstance | undefined>;

interface RetrieveScpParts {
  readonly index: QueryIndex & Pick<Index, 'instance'>;
  readonly guard: Pick<Guard, 'view'>;
  readonly transcode?: Transcode;
}

/** Which instances of the studies. Absent: all. */
interface Selection {
  readonly patient: string | undefined;
  readonly studies: readonly string[] | undefined;
  readonly series: ReadonlySet<string> | undefined;
  readonly instances: ReadonlySet<string> | undefined;
}

export class RetrieveScp implements Service {
  readonly sopClassUids = [...modelsOf('move'), ...modelsOf('get')];
  readonly needs = 'retrieve';
  readonly #parts: RetrieveScpParts;

  constructor(parts: RetrieveScpParts) {
    this.#parts = parts;
  }

  async instances({ sopClassUid, identifier, relational, caller, signal, destination }: RetrieveRequest) {
    const asked = queryRetrieveLevel(sopClassUid, identifier);
    const selection = selectionOf(asked, identifier, relational);
    const found: RetrievedInstance[] = [];
    const by = { name: caller.aeTitle, role: 'device' } as const;
    const detail = { from: caller.remoteAddress, level: asked.level, to: destination ?? caller.aeTitle };
    for (const study of await this.#studies(selection)) {
      signal.throwIfAborted();
      const reader = await this.#parts.guard.view(study, by, 'export', detail);
      for await (const instance of reader.instances()) {
        signal.throwIfAborted();
        if (!isSelected(selection, instance)) continue;
        must(found.length < limits.dimseSubOperations, 'dimse/matches');
        found.push(this.#retrieved(reader, instance));
      }
    }
    return found;
  }

  /** Studies that hold something of what is selected: only they are opened, and written down as handed out. */
  async #studies({ patient, studies, series, instances }: Selection): Promise<Set<string>> {
    const keys: DicomJson = {
      ...(patient !== undefined && { '00100020': { vr: 'LO', Value: [patient] } }),
      ...(studies !== undefined && { '0020000D': { vr: 'UI', Value: [...studies] } }),
      ...(series !== undefined && { '0020000E': { vr: 'UI', Value: [...series] } }),
      ...(instances !== undefined && { '00080018': { vr: 'UI', Value: [...instances] } }),
    };
    const level = instances !== undefined ? 'instance' : series !== undefined ? 'series' : 'study';
    const uids = new Set<string>();
    for await (const { row } of find(this.#parts, { level, keys })) uids.add(row.study!.uid);
    return uids;
  }

  /** Holds only names: there may be very many, and what is opened is looked up again. */
  #retrieved(reader: StudyReader, { sopClassUid, sopInstanceUid, transferSyntax }: InstanceRecord): RetrievedInstance {
    const { index, transcode } = this.#parts;
    return {
      ...{ sopClassUid, sopInstanceUid, transferSyntax },
      async open(accepted) {
        const instance = await index.instance(sopInstanceUid);
        must(instance !== undefined, 'http/not-found');
        const { datasetOffset, transferSyntax } = instance;
        const canBe = offeredSyntaxes(transferSyntax).some((each) => accepted.includes(each));
        if (!canBe) return transcode?.(reader, instance, accepted);
        return asAccepted({ transferSyntax, read: () => reader.read(instance, datasetOffset) }, accepted);
      },
    };
  }
}

const isSelected = ({ series, instances }: Selection, { seriesUid, sopInstanceUid }: InstanceRecord): boolean =>
  (series === undefined || series.has(seriesUid)) && (instances === undefined || instances.has(sopInstanceUid));

/**
 * The unique keys of the level, and of those above it: one each, unless relational retrieval was agreed (C.4.2.2.1).
 * @throws PeerError dimse/identifier
 */
function selectionOf({ root, level }: QueryRetrieveLevel, identifier: DicomJson, relational: boolean): Selection {
  const need = (at: 'patient' | 'study' | 'series' | 'instance') => {
    if (at === level) return 'some';
    const isAbove = depth(at) < depth(level) && (at !== 'patient' || root === 'patient');
    return isAbove && !relational ? 'one' : 'any';
  };
  const patients = uniqueKey(identifier, '00100020', need('patient'), depth(level) >= 0);
  const studies = uniqueKey(identifier, '0020000D', need('study'), depth(level) >= depth('study'));
  const series = uniqueKey(identifier, '0020000E', need('series'), depth(level) >= depth('series'));
  const instances = uniqueKey(identifier, '00080018', need('instance'), level === 'instance');
  for (const uid of [studies, series, instances].flatMap((uids) => uids ?? [])) {
    must(isUid(uid), 'dimse/identifier', { at: 'UID' });
  }
  const [patient, ...more] = patients ?? [];
  must(more.length === 0 && !/[*?]/.test(patient ?? ''), 'dimse/identifier', { at: '00100020' });
  return { patient, studies, series: series && new Set(series), instances: instances && new Set(instances) };
}

/** Values of a unique key; of levels below they do not count. @throws PeerError dimse/identifier */
function uniqueKey(
  identifier: DicomJson,
  tag: string,
  need: 'one' | 'some' | 'any',
  counts: boolean,
): string[] | undefined {
  const values = counts ? queryTexts(identifier[tag]).filter((value) => value !== '') : [];
  must(need === 'any' || values.length > 0, 'dimse/identifier', { at: tag });
  must(need !== 'one' || values.length === 1, 'dimse/identifier', { at: tag });
  return values.length === 0 ? undefined : values;
}
