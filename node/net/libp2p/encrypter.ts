// libp2p's noise without what makes it slow in Node. Measured over a gibibyte: OpenSSL takes as long to be handed a key
// as to encrypt a frame of 64 KiB with it, so each direction's key is handed over once; and noise writes a frame's two
// bytes of length and the frame as two packets, so what is sent together is gathered into one write. The bytes on the
// wire are noise's own.
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { type ICryptoInterface, noise } from '@chainsafe/libp2p-noise';
import { defaultCrypto } from '@chainsafe/libp2p-noise/crypto';
import type { MessageStream } from '@libp2p/interface';

type Bytes = Parameters<ICryptoInterface['chaCha20Poly1305Encrypt']>[0];

/** Below this noise's own choice, in WebAssembly, is quicker than calling OpenSSL. */
const smallBytes = 1200;
const algorithm = 'chacha20-poly1305';
const tagBytes = 16;
const options = { authTagLength: tagBytes };

/** Keys of connections that are in use: noise hands us the same array for every frame of a direction. */
const keys = new WeakMap<Uint8Array, KeyObject>();

function keyOf(bytes: Uint8Array): KeyObject {
  const known = keys.get(bytes);
  if (known !== undefined) return known;
  const key = createSecretKey(bytes);
  keys.set(bytes, key);
  return key;
}

const pieces = (bytes: Bytes): Iterable<Uint8Array> => (bytes instanceof Uint8Array ? [bytes] : bytes);

const crypto: ICryptoInterface = {
  ...defaultCrypto,
  chaCha20Poly1305Encrypt(plain, nonce, ad, k) {
    if (plain.byteLength < smallBytes) return defaultCrypto.chaCha20Poly1305Encrypt(plain, nonce, ad, k);
    const cipher = createCipheriv(algorithm, keyOf(k), nonce, options);
    cipher.setAAD(ad, { plaintextLength: plain.byteLength });
    const out: Uint8Array[] = [];
    for (const piece of pieces(plain)) out.push(cipher.update(piece));
    cipher.final();
    out.push(cipher.getAuthTag());
    return joined(plain, out);
  },
  chaCha20Poly1305Decrypt(sealed, nonce, ad, k, into) {
    if (sealed.byteLength < smallBytes) return defaultCrypto.chaCha20Poly1305Decrypt(sealed, nonce, ad, k, into);
    const end = sealed.byteLength - tagBytes;
    const decipher = createDecipheriv(algorithm, keyOf(k), nonce, options);
    decipher.setAAD(ad, { plaintextLength: end });
    decipher.setAuthTag(sealed.subarray(end));
    const out: Uint8Array[] = [];
    const body = sealed instanceof Uint8Array ? sealed.subarray(0, end) : sealed.sublist(0, end);
    for (const piece of pieces(body)) out.push(decipher.update(piece));
    decipher.final(); // throws when the tag doesn't hold
    return joined(sealed, out);
  },
};

/** As a list where a list came, which costs no copy. */
function joined(like: Bytes, parts: readonly Uint8Array[]): Bytes {
  if (like instanceof Uint8Array) return Buffer.concat(parts);
  const list = like.sublist(0, 0);
  list.appendAll([...parts]);
  return list;
}

/** Has everything that is sent at once leave in one write. */
function gather<C extends MessageStream>(connection: C): C {
  const send = connection.send.bind(connection);
  connection.send = (data) => send(data.subarray());
  return connection;
}

type Encrypter = ReturnType<ReturnType<typeof noise>>;

/** The connection encrypter of our libp2p: Noise_XX_25519_ChaChaPoly_SHA256 as libp2p specifies it. */
export const encrypter =
  () =>
  (components: Parameters<ReturnType<typeof noise>>[0]): Encrypter => {
    const inner = noise({ crypto })(components);
    const [secureInbound, secureOutbound] = [inner.secureInbound.bind(inner), inner.secureOutbound.bind(inner)];
    return Object.assign(inner, {
      secureInbound: ((connection, more) => secureInbound(gather(connection), more)) as Encrypter['secureInbound'],
      secureOutbound: ((connection, more) => secureOutbound(gather(connection), more)) as Encrypter['secureOutbound'],
    });
  };
