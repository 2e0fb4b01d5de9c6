// Goes through a data set and its sequences and does to every element what the profile says.

import { isPixelData } from '../model/tags.ts';
import { dictionaryVr, type Vr } from '../model/vr.ts';
import type { Charset } from '../text/charset.ts';
import { latin1 } from '../text/charset.ts';
import { unpadded } from '../text/trim.ts';
import type { Leftovers } from './leftovers.ts';
import { type Pseudonyms, uidText } from './pseudonyms.ts';
import { type DatasetNode, type DatasetNodes, type SequenceNode, sequenceIn, type ValueNode } from './raw/nodes.ts';
import { type Creators, creatorsOf, creatorTag, withCreators } from './raw/private-blocks.ts';
import { charsetOf, isText, valuesOf, valueText } from './raw/text-values.ts';
import { actionFor, type RuleAction } from './rules/actions.ts';
import { cleanDescription, isDescriptive } from './rules/descriptions.ts';
import { dummyValue, padded } from './rules/dummies.ts';
import { age, hasWord, wellFormed } from './rules/plausible.ts';
import type { Option, Profile } from './rules/profile.ts';
import { safePrivateVr } from './rules/safe-private.ts';
import { privateRule } from './rules/table.ts';

/** How the elements around are taken: as their own rows say, or stricter in a sequence that is a dummy or is cleaned. */
interface Around {
  readonly mode: 'usual' | 'clean' | 'dummy' | 'dummy-content';
  readonly charset: Charset;
  readonly nested: boolean;
}

export interface ApplyParts {
  readonly profile: Profile;
  readonly pseudonyms: Pseudonyms;
  readonly leftovers: Leftovers;
}

/** Coding schemes whose codes and meanings are published lists, not a hospital's own words. */
const published =
  /^(DCM|SCT|SRT|SNM3|99SDM|LN|UCUM|FMA|RADLEX|ICDO3?|I10|I9|I9C|ICD10|ICD11|CPT|NEU|UMLS|UBERON|MSH|NCIt|IBSI|IHE|PUBCHEM_CID|ISO639_1|ISO639_2|ISO3166_1|HL7|ACR|BI|CD8|IVD|MDC|MA)$/;

const codes = new Set([0x00080100, 0x00080102, 0x00080103, 0x00080104, 0x00080119, 0x00080120, 0x0008010f]);
const patientNames = new Set([0x00100010, 0x00100020]);
const contentSequence = 0x0040a730;
/** Measured values: in a dummy they are dummies too. */
const measured = new Set([0x0040a30a, 0x0040a161, 0x0040a162, 0x0040a163]);

export class Applying {
  readonly #parts: ApplyParts;

  constructor(parts: ApplyParts) {
    this.#parts = parts;
  }

  /** What is left of a data set. */
  dataset(nodes: DatasetNodes, charset: Charset): DatasetNode[] {
    return this.#nodes(nodes, { mode: 'usual', charset, nested: false });
  }

  #nodes(nodes: DatasetNodes, around: Around): DatasetNode[] {
    const here = { ...around, charset: charsetOf(nodes, around.charset) };
    const trusted = hasPublishedCode(nodes);
    const creators = creatorsOf(nodes);
    const kept: DatasetNode[] = [];
    for (const node of nodes) {
      const left = (node.tag >>> 16) & 1 ? this.#private(node, creators, here) : this.#standard(node, here, trusted);
      if (left !== undefined) kept.push(left);
    }
    return creators.used.size === 0 ? kept : withCreators(kept, nodes, creators);
  }

  #private(node: DatasetNode, creators: Creators, here: Around): DatasetNode | undefined {
    const block = creatorTag(node.tag);
    const creator = block === undefined ? undefined : creators.names.get(block);
    const vr = creator === undefined ? undefined : safePrivateVr(creator, node.tag);
    const wanted = privateRule.options.get('safe-private') !== undefined && this.#has('safe-private');
    const safe = wanted && here.mode === 'usual' && vr !== undefined && node.kind === 'value';
    if (!safe || (node.vr !== 'UN' && node.vr !== vr)) return this.#gone(node, here);
    creators.used.add(block!);
    return this.#kept({ ...node, vr }, here, true);
  }

  #standard(node: DatasetNode, here: Around, trusted: boolean): DatasetNode | undefined {
    // pictures inside of sequences are not looked at for text
    if (here.nested && isPixelData(node.tag)) return undefined;
    const sequence = asSequence(node);
    if (sequence !== undefined) return this.#sequence(sequence, here);
    if (node.kind === 'value' && node.value.length === 0) return this.#emptyNode(node);
    const action = this.#action(node, here, trusted);
    switch (action) {
      case 'remove':
        return this.#gone(node, here);
      case 'empty':
        this.#note(node, here);
        return patientNames.has(node.tag) ? this.#patient(node) : value(node, node.vr, new Uint8Array(0));
      case 'uid':
        return this.#dummy(node, here);
      case 'clean':
        return this.#clean(node, here);
      case 'keep':
        return this.#kept(node, here, trusted);
      default:
        return this.#dummy(node, here);
    }
  }

  /** Nothing can be told from an element without a value, unless it should not even be there. */
  #emptyNode(node: ValueNode): DatasetNode | undefined {
    return actionFor(node.tag, node.vr, this.#parts.profile) === 'remove' ? undefined : node;
  }

  // In a sequence that is to be a dummy, text, dates and numbers become dummies too; what makes it valid stays.
  #action(node: DatasetNode, { mode }: Around, trusted: boolean): RuleAction {
    const { tag, vr } = node;
    const action = actionFor(tag, vr, this.#parts.profile);
    if (mode === 'usual' || action === 'remove' || action === 'uid') return action;
    const structural = action === 'keep' && !/^(LO|SH|ST|LT|UT|UC|UR|DS|IS|OB)$/.test(vr) && !measured.has(tag);
    if (structural) return action;
    if (codes.has(tag) && trusted && mode !== 'dummy') return 'keep';
    if (mode === 'clean') {
      const typed = /^(LO|SH|ST|LT|UT|UC)$/.test(vr);
      return typed && (action === 'keep' || action === 'clean' || actionIsTyped(tag, action)) ? 'clean' : action;
    }
    return action === 'empty' ? 'empty' : 'dummy';
  }

  #sequence(node: SequenceNode, here: Around): DatasetNode | undefined {
    const action = actionFor(node.tag, 'SQ', this.#parts.profile);
    if (node.items.length === 0) return action === 'remove' ? undefined : node;
    if (action === 'remove' || action === 'empty' || action === 'uid') {
      this.#note(node, here);
      return action === 'remove' ? undefined : { ...node, items: [] };
    }
    const mode = here.mode === 'usual' || here.mode === 'clean' ? modeOf(node.tag, action, here.mode) : here.mode;
    return { ...node, items: node.items.map((item) => this.#nodes(item, { ...here, mode, nested: true })) };
  }

  #kept(node: DatasetNode, here: Around, trusted: boolean): DatasetNode | undefined {
    if (node.vr === 'UN') return this.#gone(node, here); // nobody could look into it
    if (node.kind !== 'value') return isText(node.vr) ? this.#dummy(node, here) : node;
    // a number may be a text in disguise: it is looked through like one
    if (!isText(node.vr)) return hasWord(node.value) ? { ...node, kept: latin1(node.value) } : node;
    const { vr, tag } = node;
    const text = valueText(vr, node.value, here.charset);
    if (vr === 'UI')
      return valuesOf(vr, text).every((each) => /^[0-9.]{0,64}$/.test(each)) ? node : this.#dummy(node, here);
    if (vr === 'AS') return value(node, vr, padded(vr, age(text)));
    if (!wellFormed(vr, text)) return this.#gone(node, here);
    if (fixed.has(tag) || !swept.has(vr)) return node;
    return { ...node, kept: text, coded: vr === 'CS' || (codes.has(tag) && trusted) };
  }

  #clean(node: DatasetNode, here: Around): DatasetNode | undefined {
    const { vr } = node;
    if (node.kind !== 'value') return this.#fallBack(node, here);
    const text = valueText(vr, node.value, here.charset);
    if (vr === 'TM') return /^[\d:. ]{2,16}$/.test(text) ? node : this.#fallBack(node, here);
    if (vr === 'DA' || vr === 'DT') {
      const moved = valuesOf(vr, text).map((each) => this.#parts.pseudonyms.date(each.trim()));
      if (moved.includes(undefined)) return this.#fallBack(node, here);
      this.#note(node, here);
      return value(node, vr, padded(vr, moved.join('\\')));
    }
    if (valuesOf(vr, text).every(isDescriptive)) return { ...node, kept: text };
    this.#note(node, here);
    const left = cleanDescription(text);
    if (left === '') return this.#fallBack(node, here);
    return { kind: 'value', tag: node.tag, vr, littleEndian: true, value: padded(vr, left.slice(0, 64)), kept: left };
  }

  // What cannot be cleaned is treated as if nobody had asked for it.
  #fallBack(node: DatasetNode, here: Around): DatasetNode | undefined {
    const basic = actionFor(node.tag, node.vr, { ...this.#parts.profile, options: new Set() });
    if (basic === 'remove' && here.mode === 'usual') return this.#gone(node, here);
    if (basic === 'empty') {
      this.#note(node, here);
      return value(node, node.vr, new Uint8Array(0));
    }
    return this.#dummy(node, here);
  }

  #uids(node: ValueNode): DatasetNode {
    const uids = latin1(node.value)
      .split('\\')
      .map((each) => this.#parts.pseudonyms.uid(uidText(Buffer.from(each, 'latin1'))));
    return value(node, 'UI', padded('UI', uids.join('\\')));
  }

  #dummy(node: DatasetNode, here: Around): DatasetNode {
    this.#note(node, here);
    if (patientNames.has(node.tag)) return this.#patient(node);
    const { vr } = node;
    if (vr === 'UI' && node.kind === 'value') return this.#uids(node);
    const several = node.kind === 'value' && /^(LO|SH|DS|IS|CS|DA|TM|DT)$/.test(vr);
    const parts = several ? Math.min(valuesOf(vr, latin1(node.value)).length, 64) : 1;
    return value(node, vr, dummyValue(vr, parts));
  }

  #patient(node: DatasetNode): DatasetNode {
    return value(node, node.vr, padded(node.vr, this.#parts.pseudonyms.patient()));
  }

  #gone(node: DatasetNode, here: Around): undefined {
    this.#note(node, here);
  }

  /** Remembers what is taken out, so that it is not left elsewhere. */
  #note(node: DatasetNode, here: Around): void {
    if (node.kind === 'sequence') {
      for (const item of node.items) {
        const charset = charsetOf(item, here.charset);
        for (const each of item) this.#note(each, { ...here, charset });
      }
    } else if (node.kind === 'value') {
      // implicit VR hides that a private value is text: it counts as what it looks like
      const vr = node.vr === 'UN' ? dictionaryVr(node.tag) : node.vr;
      if (!isText(vr) || /^(CS|DS|IS|AS)$/.test(vr)) return;
      const { tag } = node;
      const odd = (tag >>> 16) & 1;
      const personal = !odd && (vr === 'PN' || (tag >>> 16 === 0x0010 && /^(LO|SH)$/.test(vr)) || numbers.has(tag));
      if (!odd || vr === 'PN') this.#parts.leftovers.add(vr, valueText(vr, node.value, here.charset), personal);
    }
  }

  #has(option: Option): boolean {
    return this.#parts.profile.options.has(option);
  }
}

/** Texts that are looked through for what was removed elsewhere. */
const swept = new Set<Vr>(['LO', 'SH', 'ST', 'LT', 'UT', 'UC', 'UR', 'AE', 'PN', 'CS']);
/** Coded strings without which the object means nothing: they come from the standard's own lists. */
const fixed = new Set([0x00080005, 0x00080008, 0x00080060, 0x00280004, 0x0040a010, 0x0040a040, 0x0040db00]);
/** Accession, admission, order and request numbers. */
const numbers = new Set([0x00080050, 0x00380010, 0x00402016, 0x00402017, 0x00401001, 0x00400009, 0x00400253]);

const value = ({ tag }: DatasetNode, vr: Vr, bytes: Uint8Array): ValueNode => ({
  kind: 'value',
  tag,
  vr,
  value: bytes,
  littleEndian: true,
});

/** An element that came as UN but is a sequence by the dictionary, or one already. */
function asSequence(node: DatasetNode): SequenceNode | undefined {
  if (node.kind === 'sequence') return node;
  if (node.kind !== 'value' || node.vr !== 'UN' || dictionaryVr(node.tag) !== 'SQ') return undefined;
  return sequenceIn(node.tag, node.value, node.littleEndian);
}

function modeOf(tag: number, action: RuleAction, around: Around['mode']): Around['mode'] {
  if (action === 'dummy') return tag === contentSequence ? 'dummy-content' : 'dummy';
  return action === 'clean' ? 'clean' : around;
}

/** Descriptions without a row of their own are a dummy outside of a cleaned sequence, and cleaned inside. */
const actionIsTyped = (tag: number, action: RuleAction): boolean => action === 'dummy' && !patientNames.has(tag);

function hasPublishedCode(nodes: DatasetNodes): boolean {
  const scheme = nodes.find(({ tag }) => tag === 0x00080102);
  return scheme?.kind === 'value' && published.test(unpadded(latin1(scheme.value)));
}
