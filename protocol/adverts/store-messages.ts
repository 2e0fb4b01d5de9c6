// /dicomnet/tags/1: records are stored near their tags and fetched from there, in batches. kad-dht only finds the peers.
import { decodeCbor, encodeCbor } from '../cbor.ts';
import { must } from '../errors.ts';
import { KiB, limits } from '../limits.ts';
import { array, bytes, type Infer, id, optional, payload, struct, uint } from '../schema.ts';

export const tagsProtocol = '/dicomnet/tags/1';

/** A record's place: tag, then member. */
const place = struct({ tag: id(), member: id(16) });
export type TagPlace = Infer<typeof place>;

const record = () => bytes({ min: 1, max: limits.advertBytes });

const put = payload({ records: array(record(), limits.advertBatch, 1) }, limits.advertMessageBytes);
const get = payload(
  {
    tags: array(id(), limits.advertBatch, 1),
    /** Goes on from here (a reply's `more`): its tag is the first to be answered. */
    from: optional(place),
  },
  32 * KiB,
);

/** One number for each record, in order: 0 stored (or there already), else the wire number of the error. */
export const putReply = payload({ results: array(uint(999), limits.advertBatch, 1) }, 4 * KiB);

/** In the order of the tags asked, then by member. */
export const getReply = payload(
  {
    records: array(record(), limits.advertMessageBytes / KiB),
    /** The first record that did not fit; absent if this is all. */
    more: optional(place),
  },
  limits.advertMessageBytes,
);

export type PutRequest = { readonly type: 'put' } & Pick<ReturnType<typeof put.decode>, 'records'>;
export type GetRequest = { readonly type: 'get' } & Pick<ReturnType<typeof get.decode>, 'tags' | 'from'>;
export type TagsRequest = PutRequest | GetRequest;
export type PutReply = ReturnType<typeof putReply.decode>;
export type GetReply = ReturnType<typeof getReply.decode>;

const headBytes = 16;

/** [0, put] or [1, get], each as its payload's bytes. */
export const encodeTagsRequest = (request: TagsRequest): Uint8Array =>
  encodeCbor(request.type === 'put' ? [0, put.encode(request)] : [1, get.encode(request)]);

/** @throws PeerError cbor/*, field/*, crit/unknown, kind/unsupported */
export function decodeTagsRequest(input: Uint8Array): TagsRequest {
  const parts = decodeCbor(input, limits.advertMessageBytes + headBytes);
  must(Array.isArray(parts) && parts.length === 2 && parts[1] instanceof Uint8Array, 'field/invalid', {
    at: 'request',
  });
  const [type, body] = parts as [unknown, Uint8Array];
  must(type === 0 || type === 1, 'kind/unsupported', { at: 'type' });
  return type === 0 ? { type: 'put', ...put.decode(body) } : { type: 'get', ...get.decode(body) };
}

// array heads, `more` and its place take less than this
const replyOverheadBytes = 256;

/** Cuts records, already in a reply's order, into what one reply holds; reads no further than that. */
export function fitGetReply(records: Iterable<TagPlace & { readonly bytes: Uint8Array }>): GetReply {
  const fitting: Uint8Array[] = [];
  let length = replyOverheadBytes;
  for (const { tag, member, bytes: each } of records) {
    length += each.length + 5;
    if (length > limits.advertMessageBytes) return { records: fitting, more: { tag, member } };
    fitting.push(each);
  }
  return { records: fitting };
}

/** Splits records to be put into requests of at most 256 and 4 MiB. */
export function* putRequests(records: Iterable<Uint8Array>): Generator<PutRequest> {
  let batch: Uint8Array[] = [];
  let length = replyOverheadBytes;
  for (const each of records) {
    if (batch.length === limits.advertBatch || length + each.length + 5 > limits.advertMessageBytes) {
      yield { type: 'put', records: batch };
      batch = [];
      length = replyOverheadBytes;
    }
    batch.push(each);
    length += each.length + 5;
  }
  if (batch.length > 0) yield { type: 'put', records: batch };
}
