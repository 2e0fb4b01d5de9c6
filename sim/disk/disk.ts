// One hospital's disk: it outlives its process. `kill` loses nothing that was written, a power cut what was not synced.
import type { Process } from '../process.ts';
import type { Seeded } from '../seeded.ts';
import { DbContent, openDb } from './db.ts';
import { LogContent, openLogFiles } from './log-files.ts';
import { ObjectContent, openObjects } from './objects.ts';
import { openPackFiles, PackContent } from './packs.ts';

export class Disk {
  readonly db = new DbContent();
  readonly objects = new ObjectContent();
  readonly packs = new PackContent();
  readonly audit = new LogContent();

  /** The ports of one process. */
  open(process: Process, seeded: Seeded) {
    const latency = seeded.of('latency');
    const syncMs = () => latency.between(1, 6);
    return {
      db: openDb(this.db, process, syncMs),
      objects: openObjects(this.objects, { process, seeded: seeded.of('names'), syncMs }),
      packFiles: openPackFiles(this.packs, process, syncMs),
      auditFiles: openLogFiles(this.audit, process, syncMs),
    };
  }

  losePower(seeded: Seeded): void {
    this.db.losePower(seeded);
    this.objects.losePower(seeded);
    this.packs.losePower(seeded);
    this.audit.losePower(seeded);
  }

  /** Everything that a thief of the disk would find. */
  *raw(): Generator<Uint8Array> {
    yield* this.db.raw();
    yield* this.objects.raw();
    yield* this.packs.raw();
    yield* this.audit.raw();
  }
}
