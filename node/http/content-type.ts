// A Content-Type or Content-Disposition header (RFC 9110 8.3.1, RFC 6266) taken apart.
import { must } from '../../protocol/errors.ts';

export interface HeaderValue {
  /** Lower case: `multipart/related`, `form-data`. */
  readonly value: string;
  /** By lower-case name, quotes taken off. */
  readonly parameters: Readonly<Record<string, string>>;
}

const first = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+(?:\/[!#$%&'*+.^_`|~0-9A-Za-z-]+)?)\s*/;
// A media type may stand unquoted in `type=`, as many senders write it.
const parameter = /^;\s*(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))\s*)?/;

/** @throws PeerError http/invalid when it is malformed or names a parameter twice */
export function headerValue(header: string | undefined): HeaderValue {
  const start = first.exec(header ?? '');
  must(header !== undefined && start !== null && header.length <= 2048, 'http/invalid', { at: 'content-type' });
  const parameters: Record<string, string> = Object.create(null);
  let rest = header.slice(start[0].length);
  while (rest !== '') {
    const found = parameter.exec(rest);
    must(found !== null, 'http/invalid', { at: 'content-type' });
    const [all, name, quoted, bare] = found;
    rest = rest.slice(all.length);
    if (name === undefined) continue;
    const key = name.toLowerCase();
    must(!(key in parameters), 'http/invalid', { at: 'content-type' });
    parameters[key] = quoted === undefined ? bare! : quoted.replace(/\\(.)/g, '$1');
  }
  return { value: start[1]!.toLowerCase(), parameters };
}
