import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AssociateAc } from '../../../../../node/dicom/dimse/upper-layer/pdu.ts';
import {
  type AssociationAction,
  type AssociationEvent,
  type AssociationState,
  actionName,
  idle,
  stepAssociation,
} from '../../../../../node/dicom/dimse/upper-layer/state-machine.ts';
import { associateRq, errorCode } from '../helpers.ts';

const request = associateRq();
const answer: AssociateAc = { ...request, type: 'associate-ac', contexts: [] };
const reject = { type: 'associate-rj' as const, result: 1, source: 1, reason: 1 };
const fragment = {
  type: 'fragment' as const,
  contextId: 1,
  command: true,
  last: true,
  end: true,
  bytes: new Uint8Array(2),
};

const events: AssociationEvent[] = [
  request,
  answer,
  reject,
  fragment,
  { type: 'release-rq' },
  { type: 'release-rp' },
  { type: 'abort', source: 0, reason: 0 },
  { type: 'request-associate', request },
  { type: 'answer-accept', answer },
  { type: 'answer-reject', answer: reject },
  { type: 'request-data', values: [] },
  { type: 'request-release' },
  { type: 'answer-release' },
  { type: 'request-abort' },
  { type: 'connected' },
  { type: 'connection' },
  { type: 'closed' },
  { type: 'artim-expired' },
  { type: 'invalid-pdu', reason: 6 },
];

/** The states passed through, and the actions of the last step. */
function run(...all: AssociationEvent[]): { states: string[]; actions: AssociationAction[] } {
  let state: AssociationState = idle;
  let actions: AssociationAction[] = [];
  const states: string[] = [];
  for (const event of all) {
    [state, actions] = stepAssociation(state, event);
    states.push(state.name);
  }
  return { states, actions };
}

const accepted: AssociationEvent[] = [{ type: 'connection' }, request, { type: 'answer-accept', answer }];
const opened: AssociationEvent[] = [{ type: 'request-associate', request }, { type: 'connected' }, answer];

describe('association machine', () => {
  test('acceptor: accepted, data, released', () => {
    const { states, actions } = run(
      ...accepted,
      fragment,
      { type: 'release-rq' },
      { type: 'answer-release' },
      { type: 'closed' },
    );
    expect(states).toEqual(['Sta2', 'Sta3', 'Sta6', 'Sta6', 'Sta8', 'Sta13', 'Sta1']);
    expect(actions).toEqual([{ type: 'stop-artim' }]);
  });

  test('acceptor: ARTIM runs from the connection to the request, and after a rejection', () => {
    expect(run({ type: 'connection' }).actions).toEqual([{ type: 'start-artim' }]);
    expect(run({ type: 'connection' }, { type: 'artim-expired' }).actions.at(-1)).toEqual({ type: 'close' });
    expect(run({ type: 'connection' }, request).actions[0]).toEqual({ type: 'stop-artim' });
    const rejected = run({ type: 'connection' }, request, { type: 'answer-reject', answer: reject });
    expect(rejected.states.at(-1)).toBe('Sta13');
    expect(rejected.actions).toEqual([{ type: 'send', pdu: reject }, { type: 'start-artim' }]);
  });

  test('acceptor: another protocol version is rejected by the provider', () => {
    const { states, actions } = run({ type: 'connection' }, { ...request, protocolVersion: 2 });
    expect(states.at(-1)).toBe('Sta13');
    expect(actions[1]).toEqual({ type: 'send', pdu: { type: 'associate-rj', result: 1, source: 2, reason: 2 } });
  });

  test('requestor: opened, released', () => {
    const { states, actions } = run(...opened, { type: 'request-release' }, fragment, { type: 'release-rp' });
    expect(states).toEqual(['Sta4', 'Sta5', 'Sta6', 'Sta7', 'Sta7', 'Sta1']);
    expect(actions).toEqual([{ type: 'close' }, { type: 'indicate', indication: { kind: 'released' } }]);
  });

  test('release collision: both sides as in PS3.8', () => {
    const requestor = run(
      ...opened,
      { type: 'request-release' },
      { type: 'release-rq' },
      { type: 'answer-release' },
      { type: 'release-rp' },
    );
    expect(requestor.states.slice(3)).toEqual(['Sta7', 'Sta9', 'Sta11', 'Sta1']);
    const acceptor = run(
      ...accepted,
      { type: 'request-release' },
      { type: 'release-rq' },
      { type: 'release-rp' },
      { type: 'answer-release' },
    );
    expect(acceptor.states.slice(3)).toEqual(['Sta7', 'Sta10', 'Sta12', 'Sta13']);
  });

  test('abort sources: user 0 before and by request, provider 2 with the reason', () => {
    const abort = (source: number, reason: number) => ({ type: 'send', pdu: { type: 'abort', source, reason } });
    expect(run({ type: 'connection' }, { type: 'invalid-pdu', reason: 1 }).actions[0]).toEqual(abort(0, 0));
    expect(run(...accepted, { type: 'request-abort' }).actions[0]).toEqual(abort(0, 0));
    expect(run(...accepted, { type: 'invalid-pdu', reason: 6 }).actions[0]).toEqual(abort(2, 6));
    expect(run(...accepted, request).actions[0]).toEqual(abort(2, 2));
  });

  test('what the user may not do now is refused', () => {
    expect(errorCode(() => stepAssociation(idle, { type: 'request-data', values: [] }))).toBe('dimse/sequence');
    expect(errorCode(() => run(...opened, { type: 'answer-release' }))).toBe('dimse/sequence');
  });

  test('some cells of table 9-10', () => {
    expect(actionName('Sta13', 'associate-rq')).toBe('AA-7');
    expect(actionName('Sta13', 'release-rq')).toBe('AA-6');
    expect(actionName('Sta10', 'release-rp')).toBe('AR-10');
    expect(actionName('Sta11', 'release-rp')).toBe('AR-3');
    expect(actionName('Sta7', 'fragment')).toBe('AR-6');
    expect(actionName('Sta8', 'request-data')).toBe('AR-7');
    expect(actionName('Sta4', 'request-abort')).toBe('AA-2');
    expect(actionName('Sta3', 'abort')).toBe('AA-3');
    expect(actionName('Sta2', 'abort')).toBe('AA-2');
    expect(actionName('Sta12', 'answer-release')).toBe('AR-4');
    expect(actionName('Sta6', 'artim-expired')).toBeUndefined();
  });

  test('any sequence: a coded error or a step; ARTIM runs exactly in Sta2 and Sta13; indications come last', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events), { maxLength: 40 }), (sequence) => {
        let state: AssociationState = idle;
        let artim = false;
        for (const event of sequence) {
          if (errorCode(() => stepAssociation(state, event)) !== 'no error') continue;
          const [next, actions] = stepAssociation(state, event);
          for (const [index, action] of actions.entries()) {
            if (action.type === 'start-artim') artim = true;
            if (action.type === 'stop-artim') artim = false;
            if (action.type === 'indicate') expect(index).toBe(actions.length - 1);
          }
          state = next;
          expect(artim).toBe(state.name === 'Sta2' || state.name === 'Sta13');
        }
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  test('from every state a close of the connection leads to idle', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events), { maxLength: 20 }), (sequence) => {
        let state: AssociationState = idle;
        for (const event of sequence) {
          if (errorCode(() => stepAssociation(state, event)) === 'no error') [state] = stepAssociation(state, event);
        }
        expect(stepAssociation(state, { type: 'closed' })[0].name).toBe('Sta1');
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});
