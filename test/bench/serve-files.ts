// The sending side of the plainest copies, a process of its own: `node serve-files.ts tcp|https DIR` serves the files
// of a folder and writes its port on standard output. Over TCP each connection gets every file, its length before it.
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { basename, join } from 'node:path';
import { selfSigned } from '../node/dicom/dimse/certificate.ts';

const pieceBytes = 1024 * 1024;
const [how, dir] = process.argv.slice(2) as ['tcp' | 'https', string];

function serveTcp(): Server {
  const files = readdirSync(dir).sort();
  return createServer({ noDelay: true }, async (socket) => {
    for (const name of files) await sendFile(socket, join(dir, name));
    socket.end();
  });
}

async function sendFile(socket: Socket, path: string): Promise<void> {
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(statSync(path).size));
  socket.write(length);
  const pieces = createReadStream(path, { highWaterMark: pieceBytes });
  for await (const piece of pieces as AsyncIterable<Buffer>) {
    if (!socket.write(piece)) await new Promise((resolve) => socket.once('drain', resolve));
  }
}

function serveHttps() {
  return createHttps(selfSigned(), (request, response) => {
    const path = join(dir, basename(request.url ?? ''));
    response.setHeader('content-length', statSync(path).size);
    createReadStream(path, { highWaterMark: pieceBytes }).pipe(response);
  });
}

const server = how === 'tcp' ? serveTcp() : serveHttps();
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
