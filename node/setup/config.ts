// The peer's configuration, D/peer.json. The schema is published as node/setup/peer.schema.json; unknown keys are errors.
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { multiaddr } from '@multiformats/multiaddr';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { must, PeerError } from '../../protocol/errors.ts';
import { type Purpose, purposes } from '../../protocol/practitioner.ts';
import { type CallerRight, callerRights } from '../dicom/dimse/services.ts';
import { writeDurable } from '../system/files.ts';

const closed = { additionalProperties: false };
const Port = (description: string) => Type.Integer({ minimum: 0, maximum: 65535, description });
const Text = (description: string) => Type.String({ minLength: 1, maxLength: 200, description });
const AeTitle = (description: string) => Type.String({ minLength: 1, maxLength: 16, description });

/** An IP address, or a network by its prefix; that the address is one is checked apart. */
const networkPattern =
  '^([0-9.]{7,15}(/([0-9]|[12][0-9]|3[0-2]))?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(/([0-9]|[1-9][0-9]|1[01][0-9]|12[0-8]))?)$';

const Name = Type.String({ minLength: 1, maxLength: 200 });

const callerFields = {
  aeTitle: AeTitle('Who calls.'),
  host: Type.Optional(Text('IP address that it calls from.')),
  fingerprint: Type.Optional(
    Type.String({
      pattern: '^([0-9A-Fa-f]{2}:?){32}$',
      description: 'SHA-256 of its TLS client certificate; connections without it are not this caller.',
    }),
  ),
  may: Type.Optional(
    Type.Array(Type.Unsafe<CallerRight>(Type.Union(callerRights.map((right) => Type.Literal(right)))), {
      maxItems: callerRights.length,
      description:
        'If absent: everything when `host` or `fingerprint` says who it is, else only what anybody could send: store and commit.',
    }),
  ),
  maxAssociations: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1000, description: 'Of this caller at a time; 32 if absent.' }),
  ),
};

const remoteFields = {
  aeTitle: AeTitle('Whom we call.'),
  host: Text('Its address.'),
  port: Type.Integer({ minimum: 1, maximum: 65535, description: 'Its port.' }),
  tls: Type.Optional(
    Type.Object(
      {
        ca: Type.Optional(Text('PEM file: who signed its certificate.')),
        cert: Type.Optional(Text('PEM file: the certificate that we show.')),
        key: Type.Optional(Text('PEM file: its private key.')),
        servername: Type.Optional(Text('Name in its certificate, if not the host.')),
      },
      { ...closed, description: 'Speak TLS to it.' },
    ),
  ),
};

const routeFields = {
  match: Type.Object(
    {
      callingAe: Type.Optional(Text('AE title that sent it.')),
      modality: Type.Optional(Text('Modality, as CT.')),
      stationName: Type.Optional(Text('Station Name of the scanner.')),
      sopClass: Type.Optional(Text('SOP Class UID.')),
      bodyPart: Type.Optional(Text('Body Part Examined.')),
      description: Type.Optional(Text('Study or Series Description.')),
      origin: Type.Optional(
        Type.Union([Type.Literal('origin'), Type.Literal('copy')], {
          description: 'Whether it is our own (origin) or was fetched from another hospital (copy).',
        }),
      ),
    },
    {
      ...closed,
      description: 'All that are named must hold; `*` and `?` stand for anything; `{}` matches everything.',
    },
  ),
  to: Type.Array(Type.String({ minLength: 1, maxLength: 16 }), {
    minItems: 1,
    maxItems: 100,
    description: 'AE titles of dimse.remotes.',
  }),
};

export const ConfigSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200, description: "The hospital's legal name." }),
    country: Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2.' }),
    http: Type.Object(
      {
        host: Type.String({ description: 'Address to listen on; leave 127.0.0.1 behind a TLS proxy.' }),
        port: Port('Port for the portal, the API and DICOMweb.'),
        publicUrl: Type.Optional(Type.String({ description: 'What browsers use when a proxy stands before it.' })),
        names: Type.Optional(
          Type.Array(Name, {
            maxItems: 100,
            description: 'Further host names that clients may call it by, as `pacs.hospital.example`.',
          }),
        ),
        trustedProxies: Type.Optional(
          Type.Array(Type.String({ pattern: networkPattern }), {
            maxItems: 100,
            description:
              'IP addresses of TLS proxies, or networks as 10.0.0.0/8; only from these `X-Forwarded-For` says who calls.',
          }),
        ),
      },
      closed,
    ),
    dimse: Type.Object(
      {
        aeTitle: AeTitle('What others call us.'),
        port: Port('Port for DICOM.'),
        host: Type.Optional(Type.String({ description: 'Address to listen on; all if absent.' })),
        tls: Type.Optional(
          Type.Object(
            {
              cert: Text('PEM file: our certificate.'),
              key: Text('PEM file: its private key.'),
              ca: Type.Optional(Text('PEM file: callers must show a certificate that it signed.')),
            },
            { ...closed, description: 'The DICOM port speaks TLS and nothing else.' },
          ),
        ),
        callers: Type.Optional(
          Type.Array(Type.Object(callerFields, closed), {
            maxItems: 1000,
            description: 'Who may associate; if absent anybody may send (C-ECHO, C-STORE) and nobody may ask.',
          }),
        ),
        remotes: Type.Optional(
          Type.Array(Type.Object(remoteFields, closed), {
            maxItems: 1000,
            description: 'Whom we call: destinations of C-MOVE, of storage commitment results, of routing.',
          }),
        ),
        maxAssociations: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 1000,
            description: 'Of all; 64 if absent. With a list of callers, others hold at most half.',
          }),
        ),
      },
      closed,
    ),
    p2p: Type.Object(
      {
        listen: Type.Array(Name, { maxItems: 16, description: 'Multiaddrs to listen on.' }),
        announce: Type.Array(Name, {
          maxItems: 16,
          description: "Multiaddrs that others are told; this machine's own if empty.",
        }),
        relays: Type.Array(Name, { maxItems: 16, description: 'Not used yet.' }),
      },
      closed,
    ),
    patientId: Type.Object(
      {
        defaultSystem: Type.String({ description: 'System URI of the national identifier: what `--patient` means.' }),
        issuers: Type.Record(Type.String(), Type.String(), {
          description:
            'Issuer of Patient ID (0010,0021) to system URI; the key "" is for IDs without an issuer: remove it if those are local numbers.',
        }),
        placeholders: Type.Optional(
          Type.Array(Name, {
            maxItems: 100,
            description:
              'Patient IDs that devices send when they know none, beside zeros, UNKNOWN, TEST, NONE and the like: nobody is found by them.',
          }),
        ),
      },
      closed,
    ),
    advertise: Type.Union([Type.Literal('summary'), Type.Literal('existence'), Type.Literal('nothing')], {
      description: 'What others can find: summaries, only that there is something, or nothing.',
    }),
    policy: Type.Object(
      {
        autoGrant: Type.Array(
          Type.Object(
            {
              purpose: Type.Unsafe<Purpose>(
                Type.Union(
                  purposes.map((purpose) => Type.Literal(purpose)),
                  { description: 'For this purpose.' },
                ),
              ),
              roles: Type.Optional(Type.Array(Name, { maxItems: 50, description: 'Only for these roles.' })),
              members: Type.Optional(Type.Array(Name, { maxItems: 2000, description: 'Only for these member ids.' })),
            },
            closed,
          ),
          { maxItems: 100, description: 'Requests that are granted without a person.' },
        ),
      },
      closed,
    ),
    routes: Type.Optional(
      Type.Array(Type.Object(routeFields, closed), {
        maxItems: 1000,
        description: 'What arrives and matches goes on to other DICOM nodes.',
      }),
    ),
    storage: Type.Object(
      { minFreeBytes: Type.Integer({ minimum: 0, description: 'Nothing is taken in while less than this is free.' }) },
      closed,
    ),
    retention: Type.Object(
      { replayDays: Type.Integer({ minimum: 31, maximum: 3660, description: 'Not used yet.' }) },
      closed,
    ),
  },
  { ...closed, $id: 'dicomnet-peer-1', title: 'DICOM Network peer configuration' },
);

export type Config = Static<typeof ConfigSchema>;

/** What `init` was told; the rest has defaults that work. */
export interface ConfigInput {
  readonly name: string;
  readonly country: string;
  readonly http?: number | undefined;
  readonly dimse?: number | undefined;
  readonly p2p?: number | undefined;
}

/** The national identifier of the country the first federation is in (SPEC section 3). */
export const nationalSystem = 'urn:dicomnet:id:md:idnp';

/** A configuration that works as it is: HTTP for this machine only, DICOM and peers on all addresses. */
export function defaultConfig(input: ConfigInput): Config {
  return {
    name: input.name,
    country: input.country,
    http: { host: '127.0.0.1', port: input.http ?? 8080 },
    dimse: { aeTitle: 'DICOMNET', port: input.dimse ?? 11112 },
    p2p: { listen: [`/ip4/0.0.0.0/tcp/${input.p2p ?? 4010}`], announce: [], relays: [] },
    patientId: { defaultSystem: nationalSystem, issuers: { '': nationalSystem } },
    advertise: 'summary',
    policy: { autoGrant: [] },
    storage: { minFreeBytes: 1024 ** 3 },
    retention: { replayDays: 31 },
  };
}

/** Checks a configuration. @throws PeerError config/invalid naming the first wrong key */
function checkConfig(value: unknown): Config {
  if (Value.Check(ConfigSchema, value)) {
    checkAddresses(value);
    const wrong = value.http.trustedProxies?.findIndex((each) => isIP(each.split('/')[0]!) === 0) ?? -1;
    must(wrong < 0, 'config/invalid', { at: `/http/trustedProxies/${wrong}`, problem: 'must be an IP address' });
    return value;
  }
  const [first] = Value.Errors(ConfigSchema, value);
  const unknown = first?.keyword === 'additionalProperties' || first?.message === 'schema is false';
  const problem = unknown ? 'unknown key' : (first?.message ?? '');
  throw new PeerError('config/invalid', { at: first?.instancePath ?? '', problem });
}

/** That each address for peers is written as libp2p reads it. */
function checkAddresses({ p2p }: Config): void {
  for (const key of ['listen', 'announce', 'relays'] as const) {
    for (const [i, address] of p2p[key].entries()) {
      try {
        multiaddr(address);
      } catch (cause) {
        throw new PeerError('net/address', { at: `/p2p/${key}/${i}`, address }, { cause });
      }
    }
  }
}

const path = (dir: string): string => join(dir, 'peer.json');

/** Reads D/peer.json. @throws PeerError vault/missing when there is none, config/invalid */
export async function readConfig(dir: string): Promise<Config> {
  const text = await readFile(path(dir), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT' ? new PeerError('vault/missing', {}, { cause }) : cause;
  });
  return checkConfig(parseConfig(text));
}

/** What editors put before it is no part of it. @throws PeerError config/invalid naming line and column */
function parseConfig(text: string): unknown {
  const json = text.replace(/^\uFEFF/, '');
  if (json.trim() === '') throw new PeerError('config/invalid', { problem: 'it is empty' });
  if (json.includes('\0')) throw new PeerError('config/invalid', { problem: 'it is UTF-16; save it as UTF-8' });
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new PeerError('config/invalid', { at: placeIn(json, cause), problem: 'it is no JSON' }, { cause });
  }
}

/** Where the parser stopped, as an editor shows it. */
function placeIn(json: string, error: unknown): string {
  const at = Number(/position (\d+)/.exec((error as Error).message)?.[1] ?? json.length);
  const lines = json.slice(0, at).split('\n');
  return `peer.json:${lines.length}:${lines.at(-1)!.length + 1}`;
}

export async function writeConfig(dir: string, config: Config): Promise<void> {
  await writeDurable(path(dir), `${JSON.stringify(checkConfig(config), null, 2)}\n`, 0o600);
}
