// A hospital's guard over real stores, in a federation of four: hospital 1 (the owner), 2 (which asks) and 3, and 4, which is
// a relay. The clock and the audit log are the test's.
import { Grants } from '../../../node/access/grants.ts';
import { Guard } from '../../../node/access/guard.ts';
import { incomingRequests } from '../../../node/access/incoming-requests.ts';
import { Replays } from '../../../node/access/replays.ts';
import { studyReader } from '../../../node/access/study-reader.ts';
import { actsOver } from '../../../node/audit/acts.ts';
import type { WritableTrail } from '../../../node/audit/trail.ts';
import { importFile } from '../../../node/exchange/import/from-file.ts';
import type { Us } from '../../../node/federation/us.ts';
import { Manifests } from '../../../node/manifests/manifests.ts';
import { nationalSystem } from '../../../node/setup/config.ts';
import type { Publication } from '../../../node/store/records.ts';
import { Events } from '../../../node/system/events.ts';
import { nativeVerify, systemRandom } from '../../../node/system/machine.ts';
import type { Decision } from '../../../protocol/access/decision.ts';
import { verifyAccessMessage } from '../../../protocol/access/messages.ts';
import { type AskedPatient, sealPatient } from '../../../protocol/access/patient.ts';
import type { Policy } from '../../../protocol/access/policy.ts';
import type { Request } from '../../../protocol/access/request.ts';
import { type SummaryRequest, signSummaryRequest } from '../../../protocol/adverts/ask.ts';
import type { VerifiedEnvelope } from '../../../protocol/envelope.ts';
import { PeerError } from '../../../protocol/errors.ts';
import { expel, revoke } from '../../../protocol/federation/authority.ts';
import { membershipOf } from '../../../protocol/federation/membership.ts';
import type { Roster } from '../../../protocol/federation/roster.ts';
import type { Signer } from '../../../protocol/identity.ts';
import { requestValue, signRequest } from '../../../protocol/vectors/access-fixture.ts';
import {
  box,
  boxSecret,
  day,
  firstDraft,
  memberOf,
  peer,
  signed,
  t0,
} from '../../../protocol/vectors/federation-fixture.ts';
import { markedStudy } from '../../../sim/studies/studies.ts';
import { draftAfter, following } from '../../protocol/federation/kit.ts';
import { recordingLog } from '../hospitals.ts';
import { freshDir, openStores, removeDir } from '../stores.ts';

type Entry = Parameters<WritableTrail['append']>[0];

export const [us, asker, other, relay] = [1, 2, 3, 4].map(memberOf) as [string, string, string, string];
export const someone = { id: '2000000010005', name: 'Marker^Zebulon', birthDate: '19700101', sex: 'M' } as const;
/** Who was imported, as a request names them. */
export const known: AskedPatient = {
  system: nationalSystem,
  value: someone.id,
  name: 'Zebulon MARKER',
  birthDate: someone.birthDate,
};
export const tag = '33'.repeat(32);
export const custodian = { name: 'Ion Rusu', role: 'custodian' } as const;
const practitioner = { reference: 'MD-1', name: 'Dr. Ana Ciobanu', role: 'practitioner' };

/** An audit log that writes at once, fails, or lets everybody wait until it is told to go on. */
class Written {
  readonly entries: Entry[] = [];
  #how: 'writes' | 'fails' | Promise<void> = 'writes';
  /** How many more are written before it stops. */
  #before = 0;

  /** From the `after`-th entry on it fails. */
  fails(after = 0): void {
    this.#how = 'fails';
    this.#before = after;
  }

  /** From the `after`-th entry on nothing is written until the returned function is called. */
  hangs(after = 0): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#how = promise;
    this.#before = after;
    return resolve;
  }

  writes(): void {
    this.#how = 'writes';
  }

  async append(entry: Entry): Promise<{ index: number }> {
    if (this.#how !== 'writes' && this.#before-- <= 0) {
      if (this.#how === 'fails') throw new PeerError('audit/unwritable');
      await this.#how;
    }
    return { index: this.entries.push(entry) };
  }
}

export async function openOwner(policy: Policy = { autoGrant: [] }) {
  const dir = await freshDir();
  const stores = await openStores(dir);
  const { index, keys, kv, vault, bulk } = stores;
  const clock = { time: t0 + day, now: () => clock.time };
  const first = firstDraft({ authorities: 1, k: 1, members: 4 });
  const kinds = first.members.map((each) => (each.id === relay ? { ...each, kind: 'relay' as const } : each));
  const rosters = [signed({ ...first, members: kinds }, 1)];
  let membership = membershipOf(following(...rosters));
  const { federation } = membership;
  const ours = (): Us => ({
    ...{ federation, membership, member: membership.member(us)!, signer: peer(1), verify: nativeVerify },
  });
  const written = new Written();
  const sent: { to: string; request: string; envelope: Uint8Array }[] = [];
  let publication: Publication | undefined = {
    ...{ tag, epoch: 7, generation: 1, patient: 'p', identifier: { system: nationalSystem, value: someone.id } },
    ...{ incarnation: 4, seq: 2, state: 'holds', made: t0, freshUntil: t0 + 9 * day },
    ...{ key: '4b'.repeat(32), record: '5c'.repeat(64) },
  };
  const manifests = new Manifests({ index, keys, bucket: kv.bucket('manifest'), bulk, random: systemRandom });
  const acts = actsOver(written);
  const events = new Events({ log: recordingLog([]), process: false });
  const requests = incomingRequests(kv);
  /** As after a start of the program: nothing is known but what is on disk. */
  const start = async () => {
    const replays = new Replays({ kv, vault, clock });
    await replays.load();
    const parts = { us: ours, manifests, keys, clock, random: systemRandom };
    return new Guard(
      { policy },
      {
        ...{ ...parts, box: boxSecret(1), index, requests, replays, acts, events },
        grants: new Grants({ ...parts, bucket: kv.bucket('grant') }),
        publication: async (wanted) => (wanted === tag ? publication : undefined),
        read: (study) => studyReader(study, stores),
        auditHead: async () => undefined,
        send: async (to, request, envelope) => void sent.push({ to, request, envelope }),
      },
    );
  };
  const change = (make: (draft: Roster) => Roster) => {
    rosters.push(signed(make(draftAfter(rosters.at(-1)!)), 1));
    membership = membershipOf(following(...rosters));
  };
  let ids = 0;
  const freshId = () => String(++ids).padStart(32, '0');
  const owner = {
    ...{ guard: await start(), stores, clock, federation, written, sent, requests },
    restart: async () => {
      owner.guard = await start();
    },
    publish: (changed: Partial<Publication> | undefined) => {
      publication = changed === undefined ? undefined : ({ ...publication, ...changed } as Publication);
    },
    expel: (member: string) => change((draft) => expel(draft, member, clock.time)),
    revokeGrant: (id: string) => change((draft) => revoke(draft, { kind: 'grant', id, at: clock.time })),
    /** Rows of grants: an issued one has a row before it is told to anybody. */
    grants: async () => (await Array.fromAsync(kv.bucket('grant').range())).length,
    import: async (seed: number, patient: typeof someone = someone) => {
      async function* whole(bytes: Uint8Array) {
        yield bytes;
      }
      for (const each of markedStudy({ seed, patient, instances: 2, bytesEach: 2_000 })) {
        await importFile(stores.importer, whole(each.part10), 'test');
      }
      return [...index.studies()];
    },
    /** A summary request's envelope. */
    summaryAsked: (changed: Partial<SummaryRequest> = {}, by: Signer = peer(2), of = federation): Uint8Array => {
      const value: SummaryRequest = {
        ...{ id: freshId(), from: asker, to: us, practitioner, purpose: 'TREAT', reason: 'Dureri', tag, epoch: 7 },
        ...{ incarnation: 4, seq: 2, issuedAt: clock.time, notAfter: clock.time + 60_000 },
        ...changed,
      };
      return signSummaryRequest(value, of, by);
    },
    /** A request as it is given to the guard, its signature verified. */
    asked: (changed: Partial<Request> = {}, patient = known, by: Signer = peer(2)): VerifiedEnvelope<Request> => {
      const { id, from, to } = { id: freshId(), from: asker, to: us, ...changed };
      const value: Request = {
        ...requestValue,
        ...{ id, from, to, practitioner, purpose: 'TREAT', refs: 'all', tag },
        patient: sealPatient(patient, box(1).public, { federation, id, from, to }, systemRandom),
        ...{ issuedAt: clock.time, notAfter: clock.time + day },
        ...changed,
      };
      const message = verifyAccessMessage(signRequest(value, by, federation), federation, nativeVerify);
      if (message.kind !== 'request') throw new Error(`it is a ${message.kind}`);
      return message.opened;
    },
    decided: (envelope: Uint8Array): Decision => {
      const message = verifyAccessMessage(envelope, federation, nativeVerify);
      if (message.kind !== 'decision') throw new Error(`it is a ${message.kind}`);
      return message.opened.value;
    },
    close: async () => {
      await stores.close();
      await removeDir(dir);
    },
  };
  return owner;
}

export type Owner = Awaited<ReturnType<typeof openOwner>>;
