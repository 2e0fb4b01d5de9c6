// Looks for what must not be readable: a mark as text or bytes, in any case and in the encodings that things are stored
// and sent in.
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

interface Needle {
  readonly name: string;
  readonly text: string;
}

/** Latin-1 in lower case: one character a byte, so that text and raw bytes are looked for in the same way. */
const folded = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1').toLowerCase();

/** Base64 of the bytes wherever they stand in a longer text: without the characters that their neighbours share. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const all = Buffer.concat([Buffer.alloc(offset), bytes]);
    const first = Math.ceil((offset * 8) / 6);
    return all.toString('base64').slice(first, Math.floor((all.length * 8) / 6));
  });
}

export class Scanner {
  readonly #needles: Needle[] = [];

  /** @param marks what each is called in a finding, and the text or bytes; at least 6 bytes each */
  constructor(marks: Readonly<Record<string, string | Uint8Array>>) {
    for (const [name, mark] of Object.entries(marks)) {
      const bytes = Buffer.from(mark as Uint8Array);
      if (bytes.length < 6) throw new Error(`${name} is too short to be told from chance`);
      const forms = [bytes.toString('latin1'), bytes.toString('hex'), ...base64Forms(bytes)];
      if (typeof mark === 'string') forms.push(Buffer.from(mark, 'utf16le').toString('latin1'));
      const urls = forms.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'));
      for (const text of new Set([...forms, ...urls])) this.#needles.push({ name, text: text.toLowerCase() });
    }
  }

  /** The names of the marks that are in there. */
  find(bytes: Uint8Array | string): string[] {
    const text = typeof bytes === 'string' ? folded(Buffer.from(bytes)) : folded(bytes);
    const found = this.#needles.filter((needle) => text.includes(needle.text));
    return [...new Set(found.map(({ name }) => name))];
  }

  /** `file: mark` for each finding in a folder's files and their names. */
  async findInFolder(dir: string): Promise<string[]> {
    const findings: string[] = [];
    for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const where = relative(dir, path);
      for (const name of this.find(where)) findings.push(`the name of ${where}: ${name}`);
      if (!entry.isFile()) continue;
      for (const name of this.find(await readFile(path))) findings.push(`${where}: ${name}`);
    }
    return findings;
  }
}
