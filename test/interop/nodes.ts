// Other DICOM nodes as processes of their own, on free ports of loopback: Orthanc, dcmtk's archive and its receiver.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { identifierSyntaxes } from '../../node/dicom/dimse/query-models.ts';
import { DimseClient } from '../../node/dicom/dimse/scu/client.ts';
import { silentLog } from '../../node/dicom/dimse/scu/inbox.ts';
import { explicitVrLittleEndian, verification } from '../../node/dicom/dimse/uids.ts';
import { type Remote, Remotes } from '../../node/pacs/remotes.ts';
import { systemTimers } from '../../node/system/machine.ts';
import { freePort } from '../../sim/ports.ts';
import { eventually } from '../node/hospitals.ts';
import { freshDir, removeDir } from '../node/stores.ts';

export interface Node {
  readonly aeTitle: string;
  readonly host: string;
  readonly port: number;
  /** Its folder: configuration, and what it has stored. */
  readonly dir: string;
  /** Ends it, keeping its folder. */
  stop(): Promise<void>;
  /** Starts it again on the same port and folder; resolves when it answers. */
  start(): Promise<void>;
  /** Ends it for good. */
  remove(): Promise<void>;
}

/** Whom a node knows: our AE title and port, for its C-MOVE to us. */
export interface Known {
  readonly aeTitle: string;
  readonly port: number;
}

class Program implements Node {
  readonly aeTitle: string;
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly dir: string;
  readonly #command: readonly string[];
  readonly #tls: Remote['tls'];
  #child: ChildProcess | undefined;
  #said = '';

  constructor(aeTitle: string, port: number, dir: string, command: readonly string[], tls?: Remote['tls']) {
    this.aeTitle = aeTitle;
    this.port = port;
    this.dir = dir;
    this.#command = command;
    this.#tls = tls;
  }

  async start(): Promise<void> {
    const [program, ...args] = this.#command;
    const child = spawn(program!, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: this.dir,
      env: { ...process.env, TCP_NODELAY: '1' },
    });
    const heard = (text: Buffer) => {
      this.#said = (this.#said + text.toString('latin1')).slice(-20_000);
    };
    child.stdout.on('data', heard);
    child.stderr.on('data', heard);
    this.#child = child;
    await eventually(`${this.aeTitle} answers`, async () => {
      if (child.exitCode !== null) throw new Error(`${program} ended: ${this.#said}`);
      return this.#answers();
    });
  }

  /** None of them says when it has begun to listen, so it is asked until it answers. */
  async #answers(): Promise<boolean> {
    const { aeTitle, host, port } = this;
    const remote = { aeTitle, host, port, ...(this.#tls && { tls: this.#tls }) };
    const remotes = new Remotes(
      { aeTitle: 'DICOMNET', port: 1, remotes: [remote] },
      { timers: systemTimers, log: silentLog },
    );
    const contexts = [{ abstractSyntax: verification, transferSyntaxes: identifierSyntaxes }];
    try {
      await remotes.with(aeTitle, { contexts }, (client) => client.echo());
      return true;
    } catch {
      return false; // not yet
    }
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  async remove(): Promise<void> {
    await this.stop();
    await removeDir(this.dir);
  }
}

/** An association with a node, for SOP classes in explicit VR. */
export const connect = (node: Pick<Node, 'aeTitle' | 'host' | 'port'>, classes: readonly string[]) =>
  DimseClient.connect(
    {
      ...{ host: node.host, port: node.port, calledAe: node.aeTitle, callingAe: 'DICOMNET' },
      contexts: classes.map((abstractSyntax) => ({ abstractSyntax, transferSyntaxes: [explicitVrLittleEndian] })),
    },
    { timers: systemTimers },
  );

async function started(node: Program): Promise<Node> {
  await node.start();
  return node;
}

/** Orthanc, which takes anything from anybody. */
export async function orthanc(
  program: string,
  known: readonly Known[] = [],
  more: object = {},
): Promise<Node & { http: string }> {
  const dir = await freshDir();
  const [port, httpPort] = [await freePort(), await freePort()];
  const config = {
    ...{ Name: 'Test', StorageDirectory: join(dir, 'db'), IndexDirectory: join(dir, 'db'), Plugins: [] },
    ...{ DicomAet: 'ORTHANC', DicomPort: port, HttpPort: httpPort, RemoteAccessAllowed: false },
    ...{ AuthenticationEnabled: false, DefaultEncoding: 'Utf8', DicomAlwaysAllowGet: true, DicomAlwaysAllowMove: true },
    ...{ DicomAlwaysAllowFind: true, DicomAlwaysAllowStore: true, UnknownSopClassAccepted: true },
    ...{ AcceptedTransferSyntaxes: ['1.2.840.10008.1.*'], StorageCompression: false, ConcurrentJobs: 4 },
    DicomModalities: Object.fromEntries(known.map(({ aeTitle, port: to }) => [aeTitle, [aeTitle, '127.0.0.1', to]])),
    ...more,
  };
  await writeFile(join(dir, 'orthanc.json'), JSON.stringify(config));
  const node = new Program('ORTHANC', port, dir, [program, join(dir, 'orthanc.json')]);
  return Object.assign(await started(node), { http: `http://127.0.0.1:${httpPort}` });
}

/** dcmtk's archive. */
export async function dcmqrscp(
  program: string,
  known: readonly Known[] = [],
  options: readonly string[] = [],
): Promise<Node> {
  const dir = await freshDir();
  const port = await freePort();
  await mkdir(join(dir, 'db'));
  const hosts = known.map(({ aeTitle, port: to }, i) => `h${i} = (${aeTitle}, 127.0.0.1, ${to})`);
  const config = [
    ...[`NetworkTCPPort = ${port}`, 'MaxPDUSize = 131072', 'MaxAssociations = 16'],
    ...['HostTable BEGIN', ...hosts, 'HostTable END', 'VendorTable BEGIN', 'VendorTable END'],
    ...['AETable BEGIN', `ARCHIVE ${join(dir, 'db')} RW (500, 1024mb) ANY`, 'AETable END', ''],
  ];
  await writeFile(join(dir, 'dcmqrscp.cfg'), config.join('\n'));
  const args = [...options, '-c', join(dir, 'dcmqrscp.cfg'), String(port)];
  return started(new Program('ARCHIVE', port, dir, [program, ...args]));
}

/** dcmtk's receiver, which writes what it gets as it comes. */
export async function storescp(
  program: string,
  options: readonly string[] = ['+xa', '+B'],
  tls?: Remote['tls'],
): Promise<Node> {
  const dir = await freshDir();
  const port = await freePort();
  await mkdir(join(dir, 'in'));
  const args = ['-aet', 'RECEIVER', ...options, '--output-directory', join(dir, 'in'), String(port)];
  return started(new Program('RECEIVER', port, dir, [program, ...args], tls));
}

/** What storescp has received, by file name (which holds the SOP Instance UID). */
export async function received(node: Node): Promise<Map<string, Buffer>> {
  const names = await readdir(join(node.dir, 'in'));
  const read = async (name: string) => [name, await readFile(join(node.dir, 'in', name))] as const;
  return new Map(await Promise.all(names.map(read)));
}
