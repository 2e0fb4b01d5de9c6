// The DICOM upper layer state machine of PS3.8 section 9.2, without sockets and timers: `stepAssociation` is told what
// happened and says what to do. The table is that of the standard (table 9-10); so are the names of states and actions.
import { PeerError } from '../../../../protocol/errors.ts';
import type { Abort, AssociateAc, AssociateRj, AssociateRq, DataValue, Pdu } from './pdu.ts';
import type { Fragment, ReceivedPdu } from './pdu-reader.ts';

/**
 * Sta1 idle · Sta2 connected, awaiting A-ASSOCIATE-RQ · Sta3 awaiting the user's answer · Sta4 connecting · Sta5 awaiting
 * -AC or -RJ · Sta6 established · Sta7 awaiting A-RELEASE-RP · Sta8 awaiting the user's release answer · Sta9 to Sta12
 * both released at once · Sta13 association is over, awaiting the close of the connection.
 */
export type AssociationState =
  | { readonly name: 'Sta1' }
  | { readonly name: 'Sta4'; readonly request: AssociateRq }
  | { readonly name: Exclude<StateName, 'Sta1' | 'Sta4'>; readonly role: AssociationRole };

export type AssociationRole = 'requestor' | 'acceptor';

const stateNames = [
  'Sta1',
  'Sta2',
  'Sta3',
  'Sta4',
  'Sta5',
  'Sta6',
  'Sta7',
  'Sta8',
  'Sta9',
  'Sta10',
  'Sta11',
  'Sta12',
  'Sta13',
] as const;
type StateName = (typeof stateNames)[number];

/** What happens: PDUs received, primitives of the local user, the transport connection, the ARTIM timer. */
export type AssociationEvent =
  | ReceivedPdu
  | { readonly type: 'request-associate'; readonly request: AssociateRq }
  | { readonly type: 'answer-accept'; readonly answer: AssociateAc }
  | { readonly type: 'answer-reject'; readonly answer: AssociateRj }
  | { readonly type: 'request-data'; readonly values: readonly DataValue[] }
  | { readonly type: 'request-release' }
  | { readonly type: 'answer-release' }
  | { readonly type: 'request-abort' }
  | { readonly type: 'connected' }
  | { readonly type: 'connection' }
  | { readonly type: 'closed' }
  | { readonly type: 'artim-expired' }
  | { readonly type: 'invalid-pdu'; readonly reason: number };

/** What the local user is told. The `abort` kinds: A-ABORT from its peer, A-P-ABORT with the reason, connection lost. */
export type Indication =
  | { readonly kind: 'associate'; readonly request: AssociateRq }
  | { readonly kind: 'accepted'; readonly answer: AssociateAc }
  | { readonly kind: 'rejected'; readonly answer: AssociateRj }
  | { readonly kind: 'data'; readonly fragment: Fragment }
  | { readonly kind: 'release' }
  | { readonly kind: 'released' }
  | { readonly kind: 'aborted'; readonly by: 'peer'; readonly source: number; readonly reason: number }
  | { readonly kind: 'aborted'; readonly by: 'us'; readonly reason: number }
  | { readonly kind: 'aborted'; readonly by: 'transport' };

export type AssociationAction =
  | { readonly type: 'connect' }
  | { readonly type: 'send'; readonly pdu: Pdu }
  | { readonly type: 'start-artim' }
  | { readonly type: 'stop-artim' }
  | { readonly type: 'close' }
  | { readonly type: 'indicate'; readonly indication: Indication };

/** The state before anything has happened. */
export const idle: AssociationState = { name: 'Sta1' };

// Table 9-10, one row an event, one column a state from Sta1 to Sta13.
const table: Record<AssociationEvent['type'], string> = {
  'request-associate': 'AE-1 -    -    -    -    -    -    -    -    -     -    -    -',
  connected: '          -    -    -    AE-2 -    -    -    -    -    -     -    -    -',
  'associate-ac': '     -    AA-1 AA-8 -    AE-3 AA-8 AA-8 AA-8 AA-8 AA-8  AA-8 AA-8 AA-6',
  'associate-rj': '     -    AA-1 AA-8 -    AE-4 AA-8 AA-8 AA-8 AA-8 AA-8  AA-8 AA-8 AA-6',
  connection: '         AE-5 -    -    -    -    -    -    -    -    -     -    -    -',
  'associate-rq': '     -    AE-6 AA-8 -    AA-8 AA-8 AA-8 AA-8 AA-8 AA-8  AA-8 AA-8 AA-7',
  'answer-accept': '    -    -    AE-7 -    -    -    -    -    -    -     -    -    -',
  'answer-reject': '    -    -    AE-8 -    -    -    -    -    -    -     -    -    -',
  'request-data': '     -    -    -    -    -    DT-1 -    AR-7 -    -     -    -    -',
  fragment: '           -    AA-1 AA-8 -    AA-8 DT-2 AR-6 AA-8 AA-8 AA-8  AA-8 AA-8 AA-6',
  'request-release': '  -    -    -    -    -    AR-1 -    -    -    -     -    -    -',
  'release-rq': '       -    AA-1 AA-8 -    AA-8 AR-2 AR-8 AA-8 AA-8 AA-8  AA-8 AA-8 AA-6',
  'release-rp': '       -    AA-1 AA-8 -    AA-8 AA-8 AR-3 AA-8 AA-8 AR-10 AR-3 AA-8 AA-6',
  'answer-release': '   -    -    -    -    -    -    -    AR-4 AR-9 -     -    AR-4 -',
  'request-abort': '    -    -    AA-1 AA-2 AA-1 AA-1 AA-1 AA-1 AA-1 AA-1  AA-1 AA-1 -',
  abort: '              -    AA-2 AA-3 -    AA-3 AA-3 AA-3 AA-3 AA-3 AA-3  AA-3 AA-3 AA-2',
  closed: '             -    AA-5 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4 AA-4  AA-4 AA-4 AR-5',
  'artim-expired': '    -    AA-2 -    -    -    -    -    -    -    -     -    -    AA-2',
  'invalid-pdu': '      -    AA-1 AA-8 -    AA-8 AA-8 AA-8 AA-8 AA-8 AA-8  AA-8 AA-8 AA-7',
};

const cells = new Map(Object.entries(table).map(([event, row]) => [event, row.trim().split(/\s+/)]));

/** The name of the standard's action for a state and an event, or undefined for the table's empty cells. */
export function actionName(state: StateName, event: AssociationEvent['type']): string | undefined {
  const name = cells.get(event)![stateNames.indexOf(state)];
  return name === '-' ? undefined : name;
}

const sta13 = (role: AssociationRole): AssociationState => ({ name: 'Sta13', role });
const send = (pdu: Pdu): AssociationAction => ({ type: 'send', pdu });
const indicate = (indication: Indication): AssociationAction => ({ type: 'indicate', indication });
const startArtim: AssociationAction = { type: 'start-artim' };
const stopArtim: AssociationAction = { type: 'stop-artim' };
const close: AssociationAction = { type: 'close' };
const abortPdu = (source: number, reason: number): Abort => ({ type: 'abort', source, reason });

/** A-ABORT's reason "unexpected PDU" (PS3.8 table 9-26). */
const unexpectedPdu = 2;

type Step = [AssociationState, AssociationAction[]];

/**
 * One step: the next state, and what to do in this order; an indication always comes last, so that the user may step
 * the machine again while it is told. Throws `dimse/sequence` for a primitive of the local user that the state does not
 * allow; what comes from outside in a state that cannot have it any more (a PDU after the close) changes nothing.
 */
export function stepAssociation(state: AssociationState, event: AssociationEvent): Step {
  const name = actionName(state.name, event.type);
  if (name !== undefined) return perform(name, state, event);
  if (event.type.startsWith('request-') || event.type.startsWith('answer-')) {
    throw new PeerError('dimse/sequence', { state: state.name, event: event.type });
  }
  return [state, []];
}

function perform(name: string, state: AssociationState, event: AssociationEvent): Step {
  if (name.startsWith('AE')) return establish(name, state, event);
  if (name.startsWith('AA')) return end(name, state, event);
  return transferOrRelease(name, state, event);
}

const roleOf = (state: AssociationState): AssociationRole =>
  state.name === 'Sta4' || state.name === 'Sta1' ? 'requestor' : state.role;

/** Tables 9-6: AE-1 to AE-8. */
function establish(name: string, state: AssociationState, event: AssociationEvent): Step {
  const role = roleOf(state);
  if (name === 'AE-1' && event.type === 'request-associate') {
    return [{ name: 'Sta4', request: event.request }, [{ type: 'connect' }]];
  }
  if (name === 'AE-2' && state.name === 'Sta4') return [{ name: 'Sta5', role }, [send(state.request)]];
  if (name === 'AE-3' && event.type === 'associate-ac') {
    return [{ name: 'Sta6', role }, [indicate({ kind: 'accepted', answer: event })]];
  }
  if (name === 'AE-4' && event.type === 'associate-rj') {
    return [idle, [close, indicate({ kind: 'rejected', answer: event })]];
  }
  if (name === 'AE-5') return [{ name: 'Sta2', role: 'acceptor' }, [startArtim]];
  if (name === 'AE-6' && event.type === 'associate-rq') return assess(event);
  if (name === 'AE-7' && event.type === 'answer-accept') return [{ name: 'Sta6', role }, [send(event.answer)]];
  if (name === 'AE-8' && event.type === 'answer-reject') return [sta13(role), [send(event.answer), startArtim]];
  throw new PeerError('dimse/sequence', { state: state.name, event: event.type });
}

/** AE-6: what the provider itself must refuse is only a protocol version other than 1 (bit 0; PS3.8 9.3.4). */
function assess(request: AssociateRq): Step {
  if (request.protocolVersion % 2 === 1) {
    return [{ name: 'Sta3', role: 'acceptor' }, [stopArtim, indicate({ kind: 'associate', request })]];
  }
  const answer: AssociateRj = { type: 'associate-rj', result: 1, source: 2, reason: 2 };
  return [sta13('acceptor'), [stopArtim, send(answer), startArtim]];
}

/** Tables 9-7 and 9-8: DT-1, DT-2, AR-1 to AR-10. */
function transferOrRelease(name: string, state: AssociationState, event: AssociationEvent): Step {
  const role = roleOf(state);
  const to = (next: Exclude<StateName, 'Sta1' | 'Sta4'>, ...actions: AssociationAction[]): Step => [
    { name: next, role },
    actions,
  ];
  if ((name === 'DT-1' || name === 'AR-7') && event.type === 'request-data') {
    return [state, [send({ type: 'data', values: event.values })]];
  }
  if ((name === 'DT-2' || name === 'AR-6') && event.type === 'fragment') {
    return [state, [indicate({ kind: 'data', fragment: event })]];
  }
  switch (name) {
    case 'AR-1':
      return to('Sta7', send({ type: 'release-rq' }));
    case 'AR-2':
      return to('Sta8', indicate({ kind: 'release' }));
    case 'AR-3':
      return [idle, [close, indicate({ kind: 'released' })]];
    case 'AR-4':
      return to('Sta13', send({ type: 'release-rp' }), startArtim);
    case 'AR-5':
      return [idle, [stopArtim]];
    case 'AR-8':
      return to(role === 'requestor' ? 'Sta9' : 'Sta10', indicate({ kind: 'release' }));
    case 'AR-9':
      return to('Sta11', send({ type: 'release-rp' }));
    case 'AR-10':
      return to('Sta12', indicate({ kind: 'released' }));
  }
  throw new PeerError('dimse/sequence', { state: state.name, event: event.type });
}

/** Table 9-9: AA-1 to AA-8. */
function end(name: string, state: AssociationState, event: AssociationEvent): Step {
  const role = roleOf(state);
  const reason = event.type === 'invalid-pdu' ? event.reason : unexpectedPdu;
  switch (name) {
    case 'AA-1':
      return [sta13(role), [send(abortPdu(0, 0)), startArtim]];
    case 'AA-2':
      return [idle, [stopArtim, close]];
    case 'AA-3': {
      const { source, reason: given } = event as Abort;
      return [idle, [close, indicate({ kind: 'aborted', by: 'peer', source, reason: given })]];
    }
    case 'AA-4':
      return [idle, [indicate({ kind: 'aborted', by: 'transport' })]];
    case 'AA-5':
      return [idle, [stopArtim]];
    case 'AA-6':
      return [state, []];
    case 'AA-7':
      return [state, [send(abortPdu(2, reason))]];
    case 'AA-8':
      return [sta13(role), [send(abortPdu(2, reason)), startArtim, indicate({ kind: 'aborted', by: 'us', reason })]];
  }
  throw new PeerError('dimse/sequence', { state: state.name, event: event.type });
}
