// What is said on /dicomnet/roster/1: one request, one reply. Rosters and cards travel as the envelopes they came in;
// here they are bytes of bounded number and length, checked by chain.ts and card.ts.
import { decodeCbor, encodeCbor } from '../cbor.ts';
import { must, PeerError } from '../errors.ts';
import { limits } from '../limits.ts';
import { array, bytes, type Infer, id, optional, payload, struct, time, uint } from '../schema.ts';
import { peerId } from './fields.ts';

export const rosterProtocol = '/dicomnet/roster/1';

const rosters = () => array(bytes({ min: 1, max: limits.rosterBytes }), limits.rostersAtOnce);
const card = () => bytes({ min: 1, max: limits.cardBytes });

/** `number` and `hash` of the sender's current roster, its own card if it has changed or this is the first word. */
const hello = { federation: id(), number: uint(), hash: id(), card: optional(card()) };

const requests = {
  /** Said by the dialler at every connect; answered in kind. */
  hello: struct(hello),
  /** Asks for the roster numbers from `from` on (with both sides of a fork), as many as fit into one reply. */
  rosters: struct({ from: uint() }),
  /** Newer rosters, in rising order; answered with where the receiver now stands. */
  push: struct({ rosters: rosters() }),
  /** Asks for cards newer than these, and those of peers not named. */
  cards: struct({ have: array(struct({ peerId: peerId(), issuedAt: time() }), limits.members) }),
} as const;

type Requests = typeof requests;
export type RosterRequestType = keyof Requests;
/** A request, told apart by `type`. */
export type RosterRequest = { [T in RosterRequestType]: { readonly type: T } & Infer<Requests[T]> }[RosterRequestType];

/** The reply to each type of request. */
export const rosterReplies = {
  hello: payload(hello, limits.cardBytes + 1024),
  rosters: payload({ rosters: rosters() }, limits.rosterMessageBytes),
  push: payload({ number: uint(), hash: id() }, 1024),
  cards: payload({ cards: array(card(), limits.members) }, limits.rosterMessageBytes),
} as const;

/** `[type, fields]`. */
export function encodeRosterRequest(request: RosterRequest): Uint8Array {
  const { type, ...fields } = request;
  return encodeCbor([type, requests[type].encode(fields as never)]);
}

/** @throws PeerError kind/unsupported for a type of a later version; cbor/*, field/* */
export function decodeRosterRequest(input: Uint8Array): RosterRequest {
  const parts = decodeCbor(input, limits.rosterMessageBytes);
  must(Array.isArray(parts) && parts.length === 2, 'field/invalid', { at: 'request' });
  const [type, fields] = parts as unknown[];
  must(typeof type === 'string' && type.length <= 64, 'field/invalid', { at: 'type' });
  if (!Object.hasOwn(requests, type)) throw new PeerError('kind/unsupported', { type });
  return { type, ...requests[type as RosterRequestType].decode(fields, '') } as RosterRequest;
}

/** The longest run of envelopes from the start that fits into one message; at least one if there is any. */
export function fitIntoMessage(
  envelopes: readonly Uint8Array[],
  maxCount: number = limits.rostersAtOnce,
): Uint8Array[] {
  const room = limits.rosterMessageBytes - 1024;
  const run: Uint8Array[] = [];
  let length = 0;
  for (const each of envelopes) {
    length += each.length + 9; // a byte string's longest head
    if (run.length === maxCount || length > room) break;
    run.push(each);
  }
  return run;
}
