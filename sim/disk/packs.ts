// The packs in memory: as torn by a power cut as the audit log's files.
import type { PackFile, PackFiles } from '../../node/store/packs.ts';
import type { Process } from '../process.ts';
import type { Seeded } from '../seeded.ts';
import { FileContent, openFile } from './log-files.ts';

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
  const opened = (pack: number): PackFile => {
    const { write, ...file } = openFile(files.get(pack)!, process, syncMs);
    return {
      ...file,
      writev: (pieces, position) => {
        const whole = Buffer.concat(pieces);
        return write(whole, 0, whole.length, position);
      },
    };
  };
  return {
    list: () => process.only(() => [...files.keys()].sort((a, b) => a - b)),
    open: (pack) => process.only(() => opened(pack)),
    create: (pack) =>
      process.only(() => {
        files.set(pack, new FileContent());
        return opened(pack);
      }),
    createDirect: (pack) =>
      process.only(() => {
        const content = new FileContent();
        files.set(pack, content);
        const { write, datasync, close } = openFile(content, process, syncMs);
        return { write: async (blocks, at) => void (await write(blocks, 0, blocks.length, at)), datasync, close };
      }),
  };
}
