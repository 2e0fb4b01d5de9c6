// Which start of the machine this is.
import { readFile } from 'node:fs/promises';
import { systemRandom } from './machine.ts';

/** Changes with every start of the machine; where the system doesn't tell, every start of the peer counts as one. */
export async function bootId(): Promise<string> {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.from(systemRandom(16)).toString('hex');
    throw error;
  }
}
