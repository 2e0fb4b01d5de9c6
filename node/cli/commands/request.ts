// request: asks a hospital for studies, and waits until they are here if told so.
import type { Command } from 'commander';
import { type ErrorCode, isErrorCode, PeerError } from '../../../protocol/errors.ts';
import { type Ask, type Request, requests } from '../../api/requests.ts';
import { type Transfer, transfers } from '../../api/transfers.ts';
import type { PeerClient } from '../client.ts';
import { type DataOptions, dataLeaf, does, type Outcome, type Run } from '../command.ts';
import { failureOf } from '../failure.ts';
import { withPeer } from '../running.ts';
import { type Io, Progress, size, rate as speed } from '../terminal.ts';
import { t, word } from '../text.ts';
import { patientOptions } from './find.ts';

interface RequestOptions extends DataOptions {
  readonly patient: string;
  readonly system?: string;
  readonly name?: string;
  readonly birthDate?: string;
  readonly member: string;
  readonly ref?: readonly string[];
  readonly purpose: Ask['purpose'];
  readonly reason: string;
  readonly wait?: boolean;
}

type RequestProgress = Pick<Request, 'id' | 'state' | 'transfer' | 'code'>;

const pollMs = 300;

export function registerRequest(program: Command, run: Run): void {
  const command = patientOptions(dataLeaf(program, 'request', 'request.about'))
    .requiredOption('--member <member>', t('request.member'))
    .option('--ref <ref...>', t('request.ref'))
    .option('--name <name>', t('request.name'))
    .option('--birth-date <date>', t('request.birthDate'))
    .option('--wait', t('request.wait'));
  does<RequestOptions>(run, command, ({ options, io }) => withPeer(options.data, (peer) => ask(peer, options, io)));
}

async function ask(peer: PeerClient, options: RequestOptions, io: Io): Promise<Outcome> {
  const { member, patient: value, system, name, birthDate, ref, purpose, reason } = options;
  const patient = { system, value, name, birthDate };
  const asked: RequestProgress = await peer.call(
    requests.create,
    {},
    { member, patient, refs: ref ?? 'all', purpose, reason },
  );
  const last = options.wait === true ? await ended(peer, asked.id, io) : { state: asked };
  const { id, state, transfer } = last.state;
  const json = { id, state, ...(transfer === undefined ? {} : { transfer }) };
  return { json, human: () => t('request.done', { id, state: word(state) }), failure: failureIn(last) };
}

interface Ended {
  readonly state: RequestProgress;
  readonly transfer?: Transfer | undefined;
}

/** Waits through queue, decision and transfer. */
async function ended(peer: PeerClient, id: string, io: Io): Promise<Ended> {
  const { systemTimers } = await import('../../system/machine.ts');
  const progress = new Progress(io);
  try {
    for (;;) {
      const now = await look(peer, id);
      if (isOver(now)) return await look(peer, id); // the request learns of it a moment after the transfer
      progress.show(() => line(now));
      await systemTimers.sleep(pollMs);
    }
  } finally {
    progress.end();
  }
}

async function look(peer: PeerClient, id: string): Promise<Ended> {
  const state = await peer.call(requests.get, { id });
  if (state.transfer === undefined) return { state };
  return { state, transfer: await peer.call(transfers.get, { id: state.transfer }) };
}

const isOver = ({ state: { state }, transfer }: Ended): boolean =>
  ['denied', 'expired', 'done'].includes(state) || transfer?.state === 'done' || transfer?.state === 'failed';

function line({ state: { state }, transfer }: Ended): string {
  if (transfer === undefined) return t('request.waiting', { state: word(state) });
  const { objects, bytes, rate, secondsLeft } = transfer;
  const moved = { bytes: size(bytes.done), size: size(bytes.total), rate: speed(rate) };
  return t('request.transfer', {
    ...objects,
    ...moved,
    left: secondsLeft === undefined ? '?' : Math.ceil(secondsLeft),
  });
}

function failureIn({ state, transfer }: Ended) {
  const usual: Record<string, ErrorCode> = { denied: 'access/denied', expired: 'access/expired' };
  if (transfer?.state === 'failed')
    return failureOf(new PeerError(isErrorCode(transfer.code) ? transfer.code : 'transfer/incomplete'));
  const code = usual[state.state];
  return code && failureOf(new PeerError(isErrorCode(state.code) ? state.code : code));
}
