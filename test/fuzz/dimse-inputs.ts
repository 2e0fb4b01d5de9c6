// Inputs at the DICOM port, each on an association of its own.
import { encodeCommand } from '../../node/dicom/dimse/command.ts';
import { explicitVrLittleEndian } from '../../node/dicom/dimse/uids.ts';
import type { ReceivedPdu } from '../../node/dicom/dimse/upper-layer/pdu-reader.ts';
import { systemTimers } from '../../node/system/machine.ts';
import { associateRq, bytesOf, dataPdu, RawCaller, storeRq } from '../node/dicom/dimse/helpers.ts';
import type { Chance } from './chance.ts';
import { another, type Material, type Message, messages } from './materials.ts';
import { mutated } from './mutate.ts';
import type { Target } from './target.ts';

/** How long something that may be unanswered, because it is unfinished, is waited for. */
const quietMs = 100;

const calls = { calledAe: 'DICOMNET', callingAe: 'FUZZ' };
const rolesOf = (abstractSyntax: string) => [{ sopClassUid: abstractSyntax, scu: true, scp: true }];

const offer = (abstractSyntax: string, transferSyntax = explicitVrLittleEndian) => ({
  ...calls,
  contexts: [{ id: 1, abstractSyntax, transferSyntaxes: [transferSyntax] }],
  user: { maxPduBytes: 16384, implementationClassUid: '1.2.3', roles: rolesOf(abstractSyntax), extended: [] },
});

async function calling(target: Target, run: (caller: RawCaller) => Promise<string>): Promise<string> {
  const caller = new RawCaller(target.peer.ports.dimse);
  try {
    return await run(caller);
  } finally {
    caller.socket.destroy();
  }
}

/** Waits for an answer or the end, or for a while. */
async function heard(caller: RawCaller): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const cancel = systemTimers.after(quietMs, () => resolve('nothing yet'));
  const said = await Promise.race([caller.next().then(nameOf), promise]);
  cancel();
  return said;
}

const notAccepted = 'not accepted';

/** What came, in a word; of a response its status. */
function nameOf(received: ReceivedPdu | undefined): string {
  if (received === undefined) return 'closed';
  if (received.type !== 'fragment') return received.type;
  return statusIn(received.bytes)?.toString(16) ?? 'message';
}

const commandOf = (command: Uint8Array) => ({
  type: 'data' as const,
  values: [{ contextId: 1, command: true, last: true, parts: [command] }],
});

/** The A-ASSOCIATE-RQ itself. */
export function association(chance: Chance, target: Target): Promise<string> {
  const { abstractSyntax } = chance.pick(messages);
  const bytes = mutated(bytesOf(associateRq(offer(abstractSyntax))), chance, { head: 120 });
  return calling(target, async (caller) => {
    caller.send(bytes);
    return heard(caller);
  });
}

/** What comes after it: PDUs of any kind with anything changed. */
export function pdus(chance: Chance, target: Target, materials: readonly Material[]): Promise<string> {
  const { abstractSyntax, transferSyntax, pieces } = chance.oneIn(2)
    ? storing(another(chance.pick(materials), chance))
    : asking(chance.pick(messages));
  const more = chance.pick([[], [5, 0, 0, 0, 0, 4, 0, 0, 0, 0], [7, 0, 0, 0, 0, 4, 0, 0, 0, 0]]);
  const bytes = mutated(Buffer.concat([...pieces, Buffer.from(more)]), chance, { head: 300 });
  return calling(target, async (caller) => {
    if ((await caller.associate(offer(abstractSyntax, transferSyntax)))?.type !== 'associate-ac') return notAccepted;
    caller.send(bytes);
    return heard(caller);
  });
}

const storing = ({ sopClassUid, sopInstanceUid, transferSyntax, dataset }: Material) => ({
  ...{ abstractSyntax: sopClassUid, transferSyntax },
  pieces: [commandOf(storeCommand(sopClassUid, sopInstanceUid)), dataPdu(1, dataset, true)].map(bytesOf),
});
const asking = ({ abstractSyntax, command, dataset }: Message) => ({
  ...{ abstractSyntax, transferSyntax: explicitVrLittleEndian },
  pieces: [commandOf(command), dataPdu(1, dataset, true)].map(bytesOf),
});
const storeCommand = (affectedSopClassUid: string, affectedSopInstanceUid: string) =>
  encodeCommand(storeRq({ affectedSopClassUid, affectedSopInstanceUid }));

/** A command set, in whole PDUs. */
export function command(chance: Chance, target: Target): Promise<string> {
  const message = chance.pick(messages);
  const changed = mutated(message.command, chance, { head: 200 });
  return calling(target, async (caller) => {
    if ((await caller.associate(offer(message.abstractSyntax)))?.type !== 'associate-ac') return notAccepted;
    caller.send(commandOf(changed));
    if (message.dataset.length > 0) caller.send(dataPdu(1, message.dataset, true));
    return heard(caller);
  });
}

/** A request's data set: it gets an answer or an abort. */
export function identifier(chance: Chance, target: Target): Promise<string> {
  const message = chance.pick(messages.filter(({ dataset }) => dataset.length > 0));
  const changed = mutated(message.dataset, chance, { head: 300 });
  return calling(target, async (caller) => {
    if ((await caller.associate(offer(message.abstractSyntax)))?.type !== 'associate-ac') return notAccepted;
    caller.send(commandOf(message.command), dataPdu(1, changed, true));
    return nameOf(await caller.next());
  });
}

/** An instance: stored, put aside or refused. */
export function instance(chance: Chance, target: Target, materials: readonly Material[]): Promise<string> {
  const { sopClassUid, sopInstanceUid, transferSyntax, dataset } = another(chance.pick(materials), chance);
  const changed = mutated(dataset, chance);
  return calling(target, async (caller) => {
    const answer = await caller.associate(offer(sopClassUid, transferSyntax));
    if (answer?.type !== 'associate-ac' || answer.contexts[0]?.result !== 0) return notAccepted;
    caller.send(commandOf(storeCommand(sopClassUid, sopInstanceUid)));
    for (let at = 0; at < changed.length || at === 0; at += 16_000) {
      caller.send(dataPdu(1, changed.subarray(at, at + 16_000), at + 16_000 >= changed.length));
    }
    const said = await caller.next();
    if (said?.type !== 'fragment') throw new Error(`C-STORE ended with ${said?.type}`);
    if (statusIn(said.bytes) === 0) target.promised(changed);
    return nameOf(said);
  });
}

/** Status (0000,0900) of a response. */
function statusIn(response: Uint8Array): number | undefined {
  const at = Buffer.from(response).indexOf(Buffer.from([0, 0, 0, 9, 2, 0, 0, 0]));
  return at < 0 ? undefined : Buffer.from(response).readUInt16LE(at + 8);
}
