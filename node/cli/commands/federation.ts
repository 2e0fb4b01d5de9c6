// federation ...: the authority's work on its folder, off line.
import type { Command } from 'commander';
import type { VerifiedJoin } from '../../../protocol/federation/join.ts';
import type { Edit } from '../../federation/authority/changes.ts';
import type { Changed } from '../../federation/authority/federation.ts';
import { absolute, does, group, leaf, type Outcome, type Run, whole } from '../command.ts';
import { t } from '../text.ts';
import { changesShown, showFile, showFolder } from './federation-show.ts';

interface DirOptions {
  readonly dir: string;
  readonly replace?: boolean;
}

interface CreateOptions extends DirOptions {
  readonly name: string;
  readonly system: string;
  readonly keys?: readonly string[];
  readonly threshold?: number;
}

interface ProposeOptions extends DirOptions {
  readonly admit?: readonly string[];
  readonly expel?: readonly string[];
  readonly keepers?: readonly string[] | true;
  readonly threshold?: number;
}

const keepersAtMost = 64;

export function registerFederation(program: Command, run: Run): void {
  const federation = group(program, 'federation', 'federation.about');
  registerCreate(federation, run);
  registerChanges(federation, run);
  registerSeveral(federation, run);
  const show = dirLeaf(federation, 'show', 'federation.show.about').argument('[file]');
  does<DirOptions>(run, show, async ({ args, options: { dir } }) => {
    const parts = await authorityParts();
    return args[0] === undefined ? showFolder(dir, parts) : showFile(absolute(args[0]), parts);
  });
}

function registerCreate(federation: Command, run: Run): void {
  const create = replaceable(dirLeaf(federation, 'create', 'federation.create.about'))
    .requiredOption('--name <name>', t('federation.create.name'))
    .option('--system <uri>', t('federation.create.system'), 'urn:dicomnet:id:md:idnp')
    .option('--keys <file...>', t('federation.create.keys'))
    .option('--threshold <k>', t('federation.create.threshold'), whole(1, 15));
  does<CreateOptions>(
    run,
    create,
    async ({ options: { dir, name, system, keys = [], threshold, replace = false } }) => {
      const { createFederation } = await import('../../federation/authority/federation.ts');
      const wanted = { name, defaultSystem: system, keys: keys.map(absolute), threshold, replace };
      const made = await createFederation(dir, wanted, await authorityParts());
      const { federation, ...rest } = seen(made);
      const { federationFingerprint } = await import('../../../protocol/federation/join.ts');
      const fingerprint = t('federation.fingerprint', { fingerprint: federationFingerprint(federation) });
      const json = made.kind === 'published' ? { federation, roster: made.roster } : { federation, ...rest };
      return { json, human: () => `${told(made)}\n${fingerprint}` };
    },
  );
  does<DirOptions>(run, dirLeaf(federation, 'key', 'federation.key.about'), async ({ options: { dir } }) => {
    const { makeKey } = await import('../../federation/authority/federation.ts');
    const made = await makeKey(dir, await authorityParts());
    return { json: made, human: () => t('federation.key.done', made) };
  });
}

/** One kind of change each: published at once where one authority signs alone. */
function registerChanges(federation: Command, run: Run): void {
  const admit = replaceable(dirLeaf(federation, 'admit', 'federation.admit.about')).argument('<request...>');
  does<DirOptions>(run, admit, async ({ args, options }) => {
    const requests = await readRequests(args);
    const { admitting } = await import('../../federation/authority/changes.ts');
    return changed(options, [admitting(requests)], await fingerprints(requests));
  });
  const expel = replaceable(dirLeaf(federation, 'expel', 'federation.expel.about')).argument('<member>');
  does<DirOptions>(run, expel, async ({ args, options }) => {
    const { expelling } = await import('../../federation/authority/changes.ts');
    return changed(options, [expelling(args)]);
  });
  const keepers = replaceable(dirLeaf(federation, 'keepers', 'federation.keepers.about'))
    .argument('[member...]')
    .option('--threshold <t>', t('federation.keepers.threshold'), whole(1, keepersAtMost));
  does<DirOptions & { threshold?: number }>(run, keepers, async ({ args, options }) => {
    const { dealing } = await import('../../federation/authority/changes.ts');
    return changed(options, [dealing(args, options.threshold)]);
  });
}

/** With several authorities. */
function registerSeveral(federation: Command, run: Run): void {
  const propose = replaceable(dirLeaf(federation, 'propose', 'federation.propose.about'))
    .option('--admit <request...>', t('federation.admit.about'))
    .option('--expel <member...>', t('federation.expel.about'))
    .option('--keepers [member...]', t('federation.keepers.about'))
    .option('--threshold <t>', t('federation.keepers.threshold'), whole(1, keepersAtMost));
  does<ProposeOptions>(run, propose, async ({ options }) => {
    const { admitting, dealing, expelling } = await import('../../federation/authority/changes.ts');
    const { admit = [], expel = [], keepers, threshold } = options;
    const requests = await readRequests(admit);
    const edits: Edit[] = [admitting(requests), expelling(expel)];
    if (keepers !== undefined) edits.push(dealing(keepers === true ? [] : keepers, threshold));
    return changed(options, edits, await fingerprints(requests));
  });
  const sign = replaceable(dirLeaf(federation, 'sign', 'federation.sign.about')).argument('<proposal>');
  does<DirOptions>(run, sign, async ({ args, options: { dir, replace = false } }) => {
    const { signProposal } = await import('../../federation/authority/federation.ts');
    const parts = await authorityParts();
    const signed = await signProposal(dir, absolute(args[0]!), { replace }, parts);
    const changes = await changesShown(signed.proposal);
    return { json: seen(signed), human: () => `${changes}\n${told(signed)}` };
  });
  const assemble = dirLeaf(federation, 'assemble', 'federation.assemble.about').argument('[proposal...]');
  does<DirOptions>(run, assemble, async ({ args, options: { dir } }) => {
    const { assembleProposals } = await import('../../federation/authority/federation.ts');
    return outcome(await assembleProposals(dir, args.map(absolute), await authorityParts()));
  });
}

const dirLeaf = (parent: Command, name: string, about: Parameters<typeof leaf>[2]): Command =>
  leaf(parent, name, about).requiredOption('--dir <dir>', t('option.dir'), absolute);

const replaceable = (command: Command): Command => command.option('--replace', t('option.replace'));

async function authorityParts() {
  const { nativeVerify, systemClock, systemRandom } = await import('../../system/machine.ts');
  return { clock: systemClock, random: systemRandom, verify: nativeVerify };
}

async function changed({ dir, replace = false }: DirOptions, edits: readonly Edit[], about = ''): Promise<Outcome> {
  const { change } = await import('../../federation/authority/federation.ts');
  return outcome(await change(dir, edits, { replace }, await authorityParts()), about);
}

const outcome = (made: Changed, about = ''): Outcome => {
  const { federation: _federation, ...json } = seen(made);
  return { json, human: () => `${about}${told(made)}` };
};

/** As --json prints it. */
const seen = ({ kind: _kind, ...rest }: Changed) => rest;

const told = (made: Changed): string =>
  made.kind === 'published' ? t('federation.published', made) : t('federation.proposed', made);

/** @throws PeerError file/missing, join/card, envelope/* */
async function readRequests(paths: readonly string[]): Promise<VerifiedJoin[]> {
  const { readLimited } = await import('../../system/files.ts');
  const { joinPayload, verifyJoin } = await import('../../../protocol/federation/join.ts');
  const { nativeVerify } = await import('../../system/machine.ts');
  const open = async (path: string) =>
    verifyJoin(await readLimited(absolute(path), joinPayload.maxBytes + 1024), nativeVerify);
  return Promise.all(paths.map(open));
}

/** One line a request, to be compared over the telephone before the roster is handed out. */
async function fingerprints(requests: readonly VerifiedJoin[]): Promise<string> {
  const { fingerprint } = await import('../../../protocol/federation/join.ts');
  const line = ({ request, bytes }: VerifiedJoin) =>
    t('federation.admit.fingerprint', { name: request.name, fingerprint: fingerprint(bytes) });
  return requests.map((each) => `${line(each)}\n`).join('');
}
