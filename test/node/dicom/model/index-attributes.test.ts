// The table of attributes that the index, searches and manifests go by.
import { expect, it } from 'vitest';
import { indexAttributesOf, levels, shared } from '../../../../node/dicom/model/index-attributes.ts';
import { tagOfKeyword } from '../../../../node/dicom/model/keywords.ts';
import { selectSeries } from '../../../../protocol/manifest/manifest.ts';

const all = levels.flatMap((level) => indexAttributesOf[level]);

it('names each attribute once', () => {
  const tags = [...all.map(({ tag }) => tag), ...[...shared.study, ...shared.series].map(tagOfKeyword)];
  expect(tags.filter((tag, i) => tags.indexOf(tag) < i)).toEqual([]);
});

it('names each column of a level once', () => {
  const names = all.flatMap(({ level, column }) => (column === undefined ? [] : [`${level} ${column}`]));
  expect(names.filter((name, i) => names.indexOf(name) < i)).toEqual([]);
});

it('has a value for each attribute that is called indexed, from a column or from the records', () => {
  for (const { keyword, column, reckoned } of all) {
    expect(column !== undefined && reckoned === true, keyword).toBe(false);
  }
});

it('is the list of what a manifest of some series leaves out of the study: what is counted over all of them', () => {
  const series = [{ uid: '1.2', generation: 1, attributes: {}, instances: [] }];
  const study = Object.fromEntries(indexAttributesOf.study.map(({ tag, vr }) => [tag, { vr }]));
  const left = selectSeries({ version: 1, studyUid: '1', study, series, amendments: undefined }, ['1.2']).study;
  const counted = indexAttributesOf.study.filter(({ reckoned, keyword }) => reckoned && keyword !== 'StudyInstanceUID');
  expect(indexAttributesOf.study.filter(({ tag }) => !(tag in left))).toEqual(counted);
});
