// The packs in memory: as torn by a power cut as the audit log's files.
import { blockBytes } from '../../node/store/packs/early-pack.ts';
import type { PackFile, PackFiles } from '../../node/store/packs/pack-files.ts';
import type { Process } from '../process.ts';
import type { Seeded } from '../seeded.ts';
import { FileContent, openFile, systemError } from './log-files.ts';

export class PackContent {
  readonly files = new Map<number, FileContent>();

  losePower(seeded: Seeded): void {
    for (const file of this.files.values()) file.losePower(seeded);
  }

  *raw(): Generator<Uint8Array> {
    for (const file of this.files.values()) yield file.visible.view;
  }
}

export function openPackFiles({ files }: PackContent, process: Process, syncMs: () => number): PackFiles {
  const opened = (content: FileContent, mayWrite: boolean): PackFile => {
    const { write, ...file } = openFile(content, process, syncMs);
    return {
      ...file,
      writev: async (pieces, position) => {
        if (!mayWrite) throw systemError('EBADF');
        const whole = Buffer.concat(pieces);
        return write(whole, 0, whole.length, position);
      },
    };
  };
  const made = (pack: number): FileContent => {
    if (files.has(pack)) throw systemError('EEXIST');
    const content = new FileContent();
    files.set(pack, content);
    return content;
  };
  return {
    list: () => process.only(() => [...files.keys()].sort((a, b) => a - b)),
    size: (pack) =>
      process.only(() => {
        const content = files.get(pack);
        if (content === undefined) throw systemError('ENOENT');
        return content.visible.length;
      }),
    open: (pack) =>
      process.only(() => {
        const content = files.get(pack);
        if (content === undefined) throw systemError('ENOENT');
        return opened(content, false);
      }),
    create: (pack) => process.only(() => opened(made(pack), true)),
    createDirect: (pack) =>
      process.only(() => {
        const { write, datasync, close } = openFile(made(pack), process, syncMs);
        return {
          write: async (blocks, at) => {
            if (blocks.length % blockBytes !== 0 || at % blockBytes !== 0) throw systemError('EINVAL');
            await write(blocks, 0, blocks.length, at);
          },
          datasync,
          close,
        };
      }),
  };
}
