// The keys inside a grant: hybrid-sealed to the request's own keys and bound to what the grant says.
import { type BoxPublic, type BoxSecret, openBox, sealTo } from '../box.ts';
import { uintBytes } from '../bytes.ts';
import { must, PeerError } from '../errors.ts';
import { framed } from '../hash.ts';
import { limits } from '../limits.ts';
import type { Random } from '../ports.ts';
import { array, bytes, payload, type Struct, struct, text, uint } from '../schema.ts';
import { type Grant, inScope } from './grant.ts';

/** The key of one series in one generation. Never the study key: it would open later generations too. */
const seriesKey = struct({
  uid: text(64, /^[0-9.]+$/),
  generation: uint(),
  key: bytes(32),
});

const fields = {
  manifestKey: bytes(32),
  series: array(seriesKey, limits.grantSeries),
};

const grantKeys = payload(fields, limits.boxPlainBytes);

export type GrantKeys = Struct<typeof fields>;

/** What the wrap is bound to; all of it stands in the grant. */
export type WrapContext = Pick<Grant, 'id' | 'requestDigest' | 'holder' | 'manifest' | 'scope' | 'to'>;

const aad = (federation: string, of: WrapContext): Uint8Array =>
  framed([
    'dicomnet/1/grant/keys',
    federation,
    of.id,
    of.requestDigest,
    of.holder,
    of.manifest,
    ...(of.scope === 'all' ? ['all'] : ['series', ...of.scope]),
    uintBytes(of.to, 6),
  ]);

/** Series keys outside the scope are a mistake of the owner's and not wrapped. @throws PeerError access/scope, box/key */
export function wrapGrant(
  keys: GrantKeys,
  to: BoxPublic,
  federation: string,
  of: WrapContext,
  random: Random,
): Uint8Array {
  must(
    keys.series.every((each) => inScope(of, each.uid)),
    'access/scope',
    { grant: of.id },
  );
  return sealTo(to, grantKeys.encode(keys), aad(federation, of), random);
}

/** @throws PeerError access/wrap for other keys, another grant's wrap, altered bytes, or keys outside the scope */
export function unwrapGrant(
  grant: WrapContext & Pick<Grant, 'wrapped'>,
  secret: BoxSecret,
  federation: string,
): GrantKeys {
  let keys: GrantKeys;
  try {
    keys = grantKeys.decode(openBox(secret, grant.wrapped, aad(federation, grant)));
  } catch (cause) {
    throw new PeerError('access/wrap', { grant: grant.id }, { cause });
  }
  must(
    keys.series.every((each) => inScope(grant, each.uid)),
    'access/wrap',
    { grant: grant.id },
  );
  return keys;
}
