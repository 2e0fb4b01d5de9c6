// Which arriving instances go on to which DICOM nodes, as the configuration says.

import { textual } from '../query/text.ts';
import type { Config } from '../setup/config.ts';
import type { NewInstance } from '../store/new-instance.ts';

type Rule = NonNullable<Config['routes']>[number];
type Field = Exclude<keyof Rule['match'], 'origin'>;
type Test = (values: readonly string[]) => boolean;

interface Compiled {
  readonly tests: readonly (readonly [Field, Test])[];
  readonly origin: Rule['match']['origin'];
  readonly to: readonly string[];
}

function compile({ match: { origin, ...fields }, to }: Rule): Compiled {
  const tests = Object.entries(fields).map(([field, pattern]) => {
    // as queries match: a regular expression with several `.*` could take forever over what a device sends
    const matches = textual(pattern);
    return [field as Field, (values: readonly string[]) => values.some((value) => matches(value))] as const;
  });
  return { tests, origin, to };
}

const listed = (...values: (string | undefined)[]): string[] => values.filter((value) => value !== undefined);

export class RoutingRules {
  readonly #rules: readonly Compiled[];

  constructor(rules: readonly Rule[]) {
    this.#rules = rules.map(compile);
  }

  /** AE titles that any rule names. */
  get destinations(): string[] {
    return [...new Set(this.#rules.flatMap(({ to }) => to))];
  }

  /** Where an instance goes, each once; never back to the node that it came from. */
  of({ study, series, instance }: NewInstance, callingAe: string | undefined): string[] {
    const values: Record<Field, readonly string[]> = {
      callingAe: listed(callingAe),
      modality: listed(series.modality),
      stationName: listed(series.station),
      sopClass: [instance.sopClassUid],
      bodyPart: listed(series.bodyPart),
      description: listed(study.description, series.description),
    };
    const origin = instance.source === undefined ? 'origin' : 'copy';
    const to = this.#rules
      .filter((rule) => rule.origin === undefined || rule.origin === origin)
      .filter((rule) => rule.tests.every(([field, test]) => test(values[field])))
      .flatMap((rule) => rule.to);
    return [...new Set(to)].filter((ae) => ae !== callingAe);
  }
}
