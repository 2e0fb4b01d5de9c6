// Three hospitals from nothing: made, federated, started, shown at work, stopped in order.
import { federate, leave, makeHospitals, type RunningHospital, signIn } from './hospitals.ts';
import { PeerProcess } from './peer-process.ts';
import { type Show, seconds } from './show.ts';
import { type Measured, type ToSend, tell } from './story.ts';

/** The last one asks the others. Their names only sound real. */
const names = ['Spitalul Raional Cahul', 'Institutul Medical Bălți', 'Spitalul Republican Chișinău'];

interface Portal {
  readonly name: string;
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/** The line that `--json` prints. */
export interface Result extends Measured {
  readonly hospitals: number;
  readonly portals: readonly Portal[];
}

export class Demonstration {
  readonly #root: string;
  readonly #show: Show;
  readonly #foreign: boolean;
  readonly #processes: PeerProcess[] = [];
  readonly #running: RunningHospital[] = [];
  #over = false;

  /** Everything lies below `root`, an empty folder. @param foreign the files' numbers are not this country's */
  constructor(root: string, show: Show, foreign: boolean) {
    this.#root = root;
    this.#show = show;
    this.#foreign = foreign;
  }

  /**
   * Starts the hospitals and shows what they do; they stay until `stop`.
   * @throws Error when a step doesn't come to its end, or a peer ends by itself
   */
  async run(toSend: ToSend): Promise<Result> {
    await this.#start();
    const [first, second, third] = this.#running as [RunningHospital, RunningHospital, RunningHospital];
    const measured = await Promise.race([tell([first, second, third], toSend, this.#show), this.died()]);
    const portals = this.#running.map(({ name, url, made: { username, password } }) => ({
      name,
      url,
      username,
      password,
    }));
    return { hospitals: this.#running.length, ...measured, portals };
  }

  /** Rejects when a peer ends by itself; else never settles. */
  async died(): Promise<never> {
    return Promise.race(this.#processes.map((each) => each.died()));
  }

  /** Says what the peers have logged lately that may be the cause of a failure. */
  async explain(): Promise<void> {
    for (const each of this.#processes) {
      const troubles = await each.troubles();
      if (troubles.length > 0) this.#show.plain(`The peer of ${each.name} logged:`);
      for (const line of troubles) this.#show.line(line);
    }
  }

  /** Stops the peers, the last one first. */
  async stop(): Promise<void> {
    this.#over = true;
    for (const each of this.#running) leave(each);
    for (const each of this.#processes.toReversed()) {
      if (!(await each.stop())) this.#show.plain(`The peer of ${each.name} did not stop in time and was ended.`);
    }
  }

  /** Ends what still runs, at once. */
  kill(): void {
    for (const each of this.#processes) each.kill();
  }

  async #start(): Promise<void> {
    this.#show.step('Three hospitals, one federation');
    const started = performance.now();
    const hospitals = await makeHospitals(this.#root, names, this.#foreign);
    await federate(this.#root, hospitals);
    for (const { name, dir, logFile } of hospitals) {
      if (this.#over) throw new Error('It was interrupted.');
      this.#processes.push(new PeerProcess({ name, dir, logFile }));
    }
    const running = hospitals.map(async (hospital, i) => {
      const process = this.#processes[i]!;
      await process.ready(hospital.url);
      return signIn(hospital);
    });
    this.#running.push(...(await Promise.race([Promise.all(running), this.died()])));
    for (const [i, { name, url, config }] of this.#running.entries()) {
      const { pid } = this.#processes[i]!;
      this.#show.line(`${name}: process ${pid}, ${url}, DICOM port ${config.dimse.port}`);
    }
    const took = seconds(performance.now() - started);
    this.#show.line(`made, admitted by the authority and started in ${took}; all are keepers, any two of three answer`);
  }
}
