// What a person may decide of something that was kept aside.

/**
 * `keep`: what is stored stays, this one goes. `replace`: this one takes its place, and that one is kept aside. `both`:
 * this one is stored too, under a SOP Instance UID of its own. `assign`: it belongs to its study's patient, whatever it
 * says. `move`: its whole study belongs to the patient that it names. `retry`: once more, as this transfer syntax, or
 * (`trust`) as what the data set says that it is instead of what was announced. `drop`: it goes.
 */
export const asideActions = ['keep', 'replace', 'both', 'assign', 'move', 'retry', 'drop'] as const;

export type AsideAction = (typeof asideActions)[number];
