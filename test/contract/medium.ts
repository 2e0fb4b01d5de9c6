// Where an implementation of a storage port keeps what it is given: a folder of this machine, or the simulator's disk.
import { cp } from 'node:fs/promises';
import { Process } from '../../sim/process.ts';
import { Seeded } from '../../sim/seeded.ts';
import { VirtualTime } from '../../sim/time.ts';
import { freshDir, removeDir } from '../node/stores.ts';

export interface Medium<T> {
  /** Opens it as a process does when it starts. */
  open(): Promise<T>;
  /**
   * The end of the process that has it open, without a word: of the real one as by kill -9, of the simulated one with the
   * machine's power. What a test opened of it (files, readers) must be closed by then.
   */
  crash(): Promise<void>;
  /** Ends it in order; what is there stays. */
  close(): Promise<void>;
  remove(): Promise<void>;
}

export type MakeMedium<T> = () => Promise<Medium<T>>;

/** A folder. After a crash a copy of it is opened, as it was at that moment: what another process would find. */
export function inFolder<T>(open: (dir: string) => Promise<T>, close: (port: T) => Promise<void>): MakeMedium<T> {
  return async () => {
    const dirs = [await freshDir()];
    let opened: T | undefined;
    const end = async () => {
      if (opened !== undefined) await close(opened);
      opened = undefined;
    };
    return {
      open: async () => {
        opened = await open(dirs.at(-1)!);
        return opened;
      },
      crash: async () => {
        const copy = await freshDir();
        await cp(dirs.at(-1)!, copy, { recursive: true });
        await end();
        dirs.push(copy);
      },
      close: end,
      remove: async () => {
        await end();
        for (const dir of dirs) await removeDir(dir);
      },
    };
  };
}

interface Content {
  losePower(seeded: Seeded): void;
}

/** The simulator's disk; what a power cut takes is drawn from the seed. */
export function inSimulator<T, C extends Content>(
  seed: number,
  make: () => C,
  open: (content: C, process: Process, seeded: Seeded) => T,
  close: (port: T) => Promise<void>,
): MakeMedium<T> {
  return async () => {
    const seeded = new Seeded('contract', seed);
    const content = make();
    let process = new Process(new VirtualTime(0));
    let opened: T | undefined;
    const end = async () => {
      if (opened !== undefined) await close(opened);
      opened = undefined;
    };
    return {
      open: async () => {
        opened = open(content, process, seeded.of('names'));
        return opened;
      },
      crash: async () => {
        process.end(seeded);
        content.losePower(seeded);
        process = new Process(new VirtualTime(0));
        opened = undefined;
      },
      close: end,
      remove: end,
    };
  };
}
