// The UIDs that the association layer itself needs (PS3.6 annex A).

/** DICOM Application Context Name (PS3.7 A.2.1). */
export const applicationContext = '1.2.840.10008.3.1.1.1';
export const verification = '1.2.840.10008.1.1';
export const explicitVrLittleEndian = '1.2.840.10008.1.2.1';
export const implicitVrLittleEndian = '1.2.840.10008.1.2';

/** Ours (PS3.7 D.3.3.2): under 2.25, made once from a random UUID. */
export const implementationClassUid = '2.25.319654143768885510500094121456386849273';
export const implementationVersion = 'DICOMNET_01';

/** All storage classes for composite instances of patients, retired ones too, begin so (PS3.4 annex B.5). */
const storage = '1.2.840.10008.5.1.4.1.1.';

/** Storage classes that the standard numbered elsewhere: RT delivery instructions, and PS3.4 annex GG's. */
const storageElsewhere = new Set([
  '1.2.840.10008.5.1.4.34.1',
  '1.2.840.10008.5.1.4.34.7',
  '1.2.840.10008.5.1.4.34.10',
  '1.2.840.10008.5.1.4.38.1',
  '1.2.840.10008.5.1.4.39.1',
  '1.2.840.10008.5.1.4.43.1',
  '1.2.840.10008.5.1.4.44.1',
  '1.2.840.10008.5.1.4.45.1',
]);

/** True for every storage SOP class of the standard. */
export const isStorage = (uid: string): boolean => uid.startsWith(storage) || storageElsewhere.has(uid);
