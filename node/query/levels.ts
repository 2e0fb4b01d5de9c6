// Which attributes beyond the index's columns are the same in all instances of a patient, a study, a series (the modules
// of PS3.3 A.1.2 to A.1.4), so that one of its instances can answer for it.
import { columnLevel, type Level } from './columns.ts';

const patientGroups = new Set(['0010']);
const studyGroups = new Set(['0012', '0032', '0038']);

const list = (text: string): Set<string> => new Set(text.trim().split(/\s+/));

/** Institution and department are the equipment's, but one study's are as a rule one, and are asked for there. */
const study = list(`
  00080051 00080064 00080080 00080081 00080082 00080092 00080096 0008009C 0008009D 00081032 00081040 00081048 00081049
  00081060 00081062 00081080 00081084 00081110 00101010 00101020 00101030 00102180 001021B0 00201070 00401001 00401002
  00401012 00402016 00402017`);

const series = list(`
  00080021 00080031 00080068 00080070 0008103F 00081041 00081050 00081052 00081070 00081072 00081090 00081111 00081115
  00081250 00082112 00180010 00181000 00181020 00181030 00181050 00181200 00181201 00185100 00200052 00200060 00201040
  00280108 00280109 00400241 00400242 00400244 00400245 00400250 00400251 00400253 00400254 00400260 00400275 00400280
  00400555 00540410 0088012E`);

/** The highest level at which all instances share an attribute. */
export function levelOf(tag: string): Level {
  const column = columnLevel(tag);
  if (column !== undefined) return column;
  const group = tag.slice(0, 4);
  if (study.has(tag) || studyGroups.has(group)) return 'study';
  if (patientGroups.has(group)) return 'patient';
  return series.has(tag) ? 'series' : 'instance';
}
