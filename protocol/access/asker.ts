// One request as the asking side follows it. Sans I/O: `stepAsker` gives the next state and what is to be done, in
// order, after that state is durable. Done twice after a crash, each action comes to the same.
import { PeerError } from '../errors.ts';

/** What a checked decision says. `until` is the grant's `to`. */
export type DecisionFacts =
  | { readonly state: 'pending' | 'staging'; readonly issuedAt: number; readonly code?: string | undefined }
  | { readonly state: 'denied'; readonly issuedAt: number; readonly code: string }
  | {
      readonly state: 'granted';
      readonly issuedAt: number;
      readonly grants: readonly string[];
      readonly until: number;
    };

/** Times are unix ms; `notAfter` is the request's. */
export type AskerState =
  | { readonly state: 'queued'; readonly notAfter: number }
  | { readonly state: 'sent'; readonly notAfter: number }
  | {
      readonly state: 'pending' | 'staging';
      readonly notAfter: number;
      readonly issuedAt: number;
      readonly code?: string | undefined;
    }
  | { readonly state: 'denied'; readonly code: string }
  | { readonly state: 'granted'; readonly grants: readonly string[]; readonly until: number }
  | { readonly state: 'transferring'; readonly grants: readonly string[]; readonly until: number }
  | { readonly state: 'done'; readonly grants: readonly string[] }
  | { readonly state: 'expired'; readonly code: string };

export type AskerEvent =
  /** The owner has it; its answer is not known yet. */
  | { readonly type: 'sent' }
  /** The owner could not be reached. */
  | { readonly type: 'unreachable' }
  | { readonly type: 'answered'; readonly answer: DecisionFacts }
  | { readonly type: 'started' }
  | { readonly type: 'arrived' }
  /** The owner ended the grant: refused with this code during the transfer. */
  | { readonly type: 'ended'; readonly code: string }
  | { readonly type: 'tick'; readonly now: number };

export type AskerAction =
  /** Send, or send again, the same bytes. */
  | { readonly type: 'send' }
  /** Open the grant's keys into the vault, then destroy the request's secret keys. */
  | { readonly type: 'unwrap'; readonly grants: readonly string[] }
  | { readonly type: 'fetch'; readonly grants: readonly string[] }
  | { readonly type: 'receipt'; readonly grants: readonly string[] }
  /** Destroy the request's secret keys: no grant can come any more. */
  | { readonly type: 'forget-keys' }
  /** Tell the person who asked. */
  | { readonly type: 'tell'; readonly state: AskerState['state'] };

type Step = readonly [AskerState, readonly AskerAction[]];

/** A request that is to go out. */
export const startAsker = (notAfter: number): Step => [{ state: 'queued', notAfter }, [{ type: 'send' }]];

/**
 * Answers that are older than what is known, or come after the end, change nothing: the network may deliver late and
 * twice. @throws PeerError access/state when the peer itself reports what can't be in this state
 */
export function stepAsker(state: AskerState, event: AskerEvent): Step {
  switch (event.type) {
    case 'answered':
      return answered(state, event.answer);
    case 'tick':
      return tick(state, event.now);
    case 'sent': // queued -> sent
      return state.state === 'queued' ? [{ state: 'sent', notAfter: state.notAfter }, []] : [state, []];
    case 'unreachable': // sent -> queued: the outbox goes on trying
      return state.state === 'sent' ? [{ state: 'queued', notAfter: state.notAfter }, []] : [state, []];
    case 'started': // granted -> transferring
      if (state.state !== 'granted' && state.state !== 'transferring') throw wrong(state, event);
      return [{ ...state, state: 'transferring' }, []];
    case 'arrived': // transferring -> done
      if (state.state !== 'transferring') throw wrong(state, event);
      return [{ state: 'done', grants: state.grants }, [{ type: 'receipt', grants: state.grants }, tell('done')]];
    case 'ended': // granted | transferring -> expired
      if (state.state !== 'granted' && state.state !== 'transferring') throw wrong(state, event);
      return [{ state: 'expired', code: event.code }, [tell('expired')]];
  }
}

const tell = (state: AskerState['state']): AskerAction => ({ type: 'tell', state });

const wrong = (state: AskerState, event: AskerEvent): PeerError =>
  new PeerError('access/state', { state: state.state, event: event.type });

type UndecidedAsker = Extract<AskerState, { notAfter: number }>;

const isUndecided = (state: AskerState): state is UndecidedAsker => 'notAfter' in state;

/** queued | sent | pending | staging -> pending | staging | denied | granted */
function answered(state: AskerState, answer: DecisionFacts): Step {
  if (!isUndecided(state)) return [state, []];
  if ('issuedAt' in state && answer.issuedAt <= state.issuedAt) return [state, []];
  switch (answer.state) {
    case 'granted': {
      const { grants, until } = answer;
      return [
        { state: 'granted', grants, until },
        [{ type: 'unwrap', grants }, tell('granted'), { type: 'fetch', grants }],
      ];
    }
    case 'denied':
      return [{ state: 'denied', code: answer.code }, [{ type: 'forget-keys' }, tell('denied')]];
    default: {
      const { state: next, issuedAt, code } = answer;
      return [{ state: next, notAfter: state.notAfter, issuedAt, code }, state.state === next ? [] : [tell(next)]];
    }
  }
}

/** Whatever waits past its time -> expired */
function tick(state: AskerState, now: number): Step {
  if (isUndecided(state) && now >= state.notAfter) {
    return [{ state: 'expired', code: 'access/expired' }, [{ type: 'forget-keys' }, tell('expired')]];
  }
  if ('until' in state && now >= state.until) return [{ state: 'expired', code: 'access/expired' }, [tell('expired')]];
  return [state, []];
}
