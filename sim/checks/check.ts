import type { World } from '../world.ts';

/** Something that must hold, whatever happens. */
export interface Check {
  readonly id: string;
  /** Looked at every few virtual minutes. @throws Violation */
  every(world: World): Promise<void>;
  /** Looked at once more when the world has come to rest. @throws Violation */
  atEnd(world: World): Promise<void>;
  /** What helps to understand a violation. */
  dump(world: World): string[];
}

export class Violation extends Error {
  override name = 'Violation';
  readonly check: string;

  constructor(check: string, message: string) {
    super(`${check}: ${message}`);
    this.check = check;
  }
}
