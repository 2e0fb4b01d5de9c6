// What is not documented in node: that an accepted connection can read into memory of our own. If this fails with another
// version of node, connections still read as usual, some slower.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { readIntoOwnMemory } from '../../../../../node/dicom/dimse/upper-layer/read-memory.ts';

async function pair(): Promise<{
  accepted: Socket;
  caller: Socket;
  took: Promise<(() => void) | undefined>;
  chunks: Uint8Array[];
  close(): void;
}> {
  const chunks: Uint8Array[] = [];
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const caller = connect((server.address() as { port: number }).port, '127.0.0.1');
  const took = new Promise<(() => void) | undefined>((resolve) => {
    server.once('connection', (socket) => resolve(readIntoOwnMemory(socket, (chunk) => chunks.push(chunk))));
  });
  const [accepted] = (await once(server, 'connection')) as [Socket];
  return { accepted, caller, took, chunks, close: () => [caller.destroy(), accepted.destroy(), server.close()] };
}

it('reads all of it, in views of one memory', async () => {
  const { accepted, caller, took, chunks, close } = await pair();
  expect(await took).toBeTypeOf('function');
  const sizes: number[] = [];
  let sum = 0;
  const all = new Promise<void>((resolve) => {
    const sent = Buffer.alloc(3_000_000, 7);
    const count = setInterval(() => {
      for (const chunk of chunks.splice(0)) sizes.push(chunk.length);
      sum = sizes.reduce((a, b) => a + b, 0);
      if (sum < sent.length) return;
      clearInterval(count);
      resolve();
    }, 10);
    caller.write(sent);
  });
  await all;
  expect(sum).toBe(3_000_000);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(128 * 1024);
  caller.write('ab');
  while (chunks.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const [first] = chunks.splice(0);
  expect(Buffer.from(first!).toString()).toBe('ab');
  caller.write('cd');
  while (chunks.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(Buffer.from(first!).toString()).toBe('cd'); // the same memory
  const ended = once(accepted, 'close');
  caller.end();
  await ended;
  close();
});

it('pauses and goes on', async () => {
  const { accepted, caller, chunks, close } = await pair();
  accepted.pause();
  caller.write('waits');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(chunks).toEqual([]);
  accepted.resume();
  while (chunks.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(Buffer.concat(chunks).toString()).toBe('waits');
  close();
});

it('says so when a socket is made otherwise', () => {
  expect(readIntoOwnMemory({} as Socket, () => undefined)).toBeUndefined();
});

it('reads into the memory of a connection that is over, and of none that is not', async () => {
  const memoryOf = async ({ caller, chunks }: Awaited<ReturnType<typeof pair>>) => {
    caller.write('x');
    while (chunks.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    return chunks.splice(0)[0]!.buffer;
  };
  const first = await pair();
  const ours = await memoryOf(first);
  const second = await pair();
  expect(await memoryOf(second)).not.toBe(ours);
  const closed = once(first.accepted, 'close');
  first.close();
  await closed;
  const third = await pair();
  expect(await memoryOf(third)).not.toBe(ours); // not before it was given back
  (await first.took)!();
  const fourth = await pair();
  expect(await memoryOf(fourth)).toBe(ours);
  for (const each of [second, third, fourth]) each.close();
});
