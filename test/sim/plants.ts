// Mistakes on purpose: each breaks one promise that a check watches over.
import type { CoreParts } from '../../node/core.ts';
import type { Network, RequestHandler } from '../../node/net/network.ts';
import { accessProtocol } from '../../protocol/access/messages.ts';
import { decodeTagsRequest, getReply, putReply, tagsProtocol } from '../../protocol/adverts/store-messages.ts';
import { parseEnvelope } from '../../protocol/envelope.ts';
import { PeerError } from '../../protocol/errors.ts';
import { rosterProtocol } from '../../protocol/federation/messages.ts';
import type { Plant } from '../../sim/hospital.ts';

/** Changes the network port once it is made. */
function onNetwork(parts: CoreParts, change: (network: Network) => void): CoreParts {
  return {
    ...parts,
    network: (doorkeeper, onFailure) => {
      const network = parts.network(doorkeeper, onFailure);
      change(network);
      return network;
    },
  };
}

const onAudit =
  (change: (trail: Awaited<ReturnType<CoreParts['audit']>>, parts: CoreParts) => void): Plant =>
  (parts) => ({
    ...parts,
    audit: async (signHead) => {
      const trail = await parts.audit(signHead);
      change(trail, parts);
      return trail;
    },
  });

/** Lets summaries, grants or transfers go without writing it down. */
export const unwritten = (kind: 'summary' | 'decision' | 'transfer'): Plant =>
  onAudit((trail) => {
    const append = trail.append;
    trail.append = async (entry) => (entry.kind === kind ? { index: 0 } : append(entry));
  });

/** Writes down that it let something go when it is gone already. */
export const writtenLate: Plant = onAudit((trail, { timers }) => {
  const append = trail.append;
  trail.append = async (entry) => {
    timers.after(1_000, () => void append(entry));
    return { index: 0 };
  };
});

/** Acknowledges without waiting for the disk: a power cut takes the last entries of the database. */
export const unsynced = (parts: CoreParts): CoreParts => {
  parts.kv.commit = (writes) => parts.kv.note(writes);
  return parts;
};

/** Acknowledges instances without waiting for the disk, neither for their packs nor for the database. */
export const unsyncedPacks: Plant = (given) => {
  const parts = unsynced(given);
  const { packFiles } = parts;
  const datasync = async () => undefined;
  const create = async (pack: number) => ({ ...(await packFiles.create(pack)), datasync });
  const createDirect = async (pack: number) => ({ ...(await packFiles.createDirect(pack))!, datasync });
  return { ...parts, packFiles: { ...packFiles, create, createDirect } };
};

/** Loses every fifth object that it has placed. */
export const forgetful: Plant = (parts) => {
  const { objects } = parts;
  let kept = 0;
  const partial: typeof objects.partial = async (name) => {
    const file = await objects.partial(name);
    const place = file.place.bind(file);
    file.place = async (objectId) => {
      await place(objectId);
      if (++kept % 5 === 0) await objects.remove(objectId);
    };
    return file;
  };
  return { ...parts, objects: { ...objects, partial } };
};

/** Logs what it writes down about patients. */
export const talkative: Plant = onAudit((trail, { log }) => {
  const append = trail.append;
  trail.append = async (entry) => {
    log.info(entry, 'an entry');
    return append(entry);
  };
});

/** Keeps patients' data as they are. */
export const unsealed: Plant = (parts) => {
  parts.vault.seal = (_place, plain) => plain;
  parts.vault.open = (_place, sealed) => sealed;
  return parts;
};

/** Hears of no roster but what its operator gives it. */
export const deaf: Plant = (parts) =>
  onNetwork(parts, (network) => {
    const [serve, request] = [network.serve.bind(network), network.request.bind(network)];
    const refuse = async () => Promise.reject(new PeerError('net/busy'));
    network.serve = (protocol, handler, options) =>
      serve(protocol, protocol === rosterProtocol ? refuse : handler, options);
    network.request = (peer, protocol, body, options) =>
      protocol === rosterProtocol ? refuse() : request(peer, protocol, body, options);
  });

/** Says that it keeps others' records, and answers every look-up with nothing. */
export const silent: Plant = (parts) =>
  onNetwork(parts, (network) => {
    const serve = network.serve.bind(network);
    const empty: RequestHandler = async (_peer, body) => {
      const request = decodeTagsRequest(body);
      if (request.type === 'get') return getReply.encode({ records: [] });
      return putReply.encode({ results: request.records.map(() => 0) });
    };
    network.serve = (protocol, handler, options) =>
      serve(protocol, protocol === tagsProtocol ? empty : handler, options);
  });

/** Takes no trouble to deliver what its people have decided. */
export const undelivered: Plant = (parts) =>
  onNetwork(parts, (network) => {
    const request = network.request.bind(network);
    network.request = async (peer, protocol, body, options) => {
      const dropped = protocol === accessProtocol && parseEnvelope(body, body.length).kind === 'decision';
      return dropped ? new Uint8Array() : request(peer, protocol, body, options);
    };
  });
