// The audit log's files in memory: what was written since the last sync may be there in part after a power cut, in any
// order; what was synced is.
import type { LogFiles, SmallFile } from '../../node/audit/files.ts';
import type { OpenFile } from '../../node/system/files.ts';
import type { Process } from '../process.ts';
import type { Seeded } from '../seeded.ts';
import { FileBytes } from './bytes.ts';

type Change = { readonly at: number; readonly data: Uint8Array } | { readonly length: number };

export class FileContent {
  visible = new FileBytes();
  durable = new FileBytes();
  #unsynced: Change[] = [];

  change(change: Change): void {
    make(this.visible, change);
    this.#unsynced.push(change);
  }

  sync(): void {
    for (const change of this.#unsynced.splice(0)) make(this.durable, change);
  }

  losePower(seeded: Seeded): void {
    for (const change of this.#unsynced.splice(0)) {
      if (seeded.chance(0.3)) continue;
      const torn = 'data' in change && seeded.chance(0.3);
      make(this.durable, torn ? { ...change, data: change.data.subarray(0, seeded.int(change.data.length)) } : change);
    }
    this.visible = new FileBytes();
    this.visible.write(0, this.durable.view);
  }
}

function make(file: FileBytes, change: Change): void {
  if ('data' in change) {
    if (change.at > file.length) file.truncate(change.at); // a hole
    file.write(change.at, change.data);
  } else file.truncate(change.length);
}

export class LogContent {
  readonly files = { log: new FileContent(), tree: new FileContent(), offsets: new FileContent() };
  readonly small = new Map<SmallFile, Uint8Array>();

  losePower(seeded: Seeded): void {
    for (const file of Object.values(this.files)) file.losePower(seeded);
  }

  *raw(): Generator<Uint8Array> {
    for (const file of Object.values(this.files)) yield file.visible.view;
    yield* this.small.values();
  }
}

export function openLogFiles(content: LogContent, process: Process, syncMs: () => number): LogFiles {
  const file = (name: keyof LogContent['files']) => openFile(content.files[name], process, syncMs);
  return {
    ...{ log: file('log'), tree: file('tree'), offsets: file('offsets') },
    readSmall: (name) => process.only(() => content.small.get(name)?.slice()),
    replaceSmall: (name, given) => {
      const bytes = given.slice();
      const rename = () => void content.small.set(name, bytes);
      return process.write(syncMs(), rename, (seeded) => seeded.chance(0.5) && rename());
    },
    syncNames: () => process.only(() => undefined),
  };
}

/** What the system refuses, by its code. */
export const systemError = (code: string): Error => Object.assign(new Error(code), { code });

export function openFile(content: FileContent, process: Process, syncMs: () => number): OpenFile {
  let closed = false;
  const only = <T>(run: () => T): Promise<T> =>
    process.only(() => {
      if (closed) throw systemError('EBADF');
      return run();
    });
  return {
    read: (into, offset, length, position) =>
      only(() => {
        const found = content.visible.view.subarray(position, position + length);
        into.set(found, offset);
        return { bytesRead: found.length };
      }),
    write: async (given, offset, length, at) => {
      if (closed) throw systemError('EBADF');
      const data = given.slice(offset, offset + length);
      return process.write(
        0,
        () => {
          content.change({ at, data });
          return { bytesWritten: length };
        },
        (seeded) => content.change({ at, data: data.subarray(0, seeded.int(length + 1)) }),
      );
    },
    stat: () => only(() => ({ size: content.visible.length })),
    truncate: (length) => only(() => content.change({ length })),
    datasync: async () => {
      if (closed) throw systemError('EBADF');
      await process.write(
        syncMs(),
        () => content.sync(),
        (seeded) => seeded.chance(0.5) && content.sync(),
      );
    },
    close: () =>
      process.only(() => {
        closed = true;
      }),
  };
}
