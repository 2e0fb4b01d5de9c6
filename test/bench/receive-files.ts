// The receiving side of the raw TCP copy, a process of its own: `node receive-files.ts PORT DIR` writes what
// serve-files.ts sends into files. It reads into one buffer that is used again and writes without waiting
// between reads; says how many seconds it took.
import { closeSync, openSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

const [port, dir] = process.argv.slice(2) as [string, string];
let files = 0;
let file = -1;
let left = 0n;
let prefix = Buffer.alloc(0);

function take(bytes: Buffer): void {
  let rest = bytes;
  while (rest.length > 0) rest = rest.subarray(file < 0 ? begin(rest) : write(rest));
}

function begin(bytes: Buffer): number {
  const wanted = bytes.subarray(0, 8 - prefix.length);
  prefix = Buffer.concat([prefix, wanted]);
  if (prefix.length < 8) return wanted.length;
  left = prefix.readBigUInt64BE();
  prefix = Buffer.alloc(0);
  file = openSync(join(dir, String(files++)), 'wx');
  return wanted.length;
}

function write(bytes: Buffer): number {
  const length = left < BigInt(bytes.length) ? Number(left) : bytes.length;
  writeSync(file, bytes, 0, length);
  left -= BigInt(length);
  if (left === 0n) {
    closeSync(file);
    file = -1;
  }
  return length;
}

const onread = {
  buffer: Buffer.alloc(1024 * 1024),
  callback: (count: number, buffer: Uint8Array) => {
    take(buffer.subarray(0, count) as Buffer);
    return true;
  },
};
const start = process.hrtime.bigint();
const socket = connect({ port: Number(port), host: '127.0.0.1', onread });
socket.once('end', () => {
  if (file >= 0 || prefix.length > 0) throw new Error('the copy broke off');
  console.log(Number(process.hrtime.bigint() - start) / 1e9);
});
