// The numbered key spaces of the peer's database. A number is never reused; a new meaning gets a new number.
// Keys are random ids or HMACs; every value but those marked plain is sealed under the vault's value key.

export const buckets = {
  /** 1 meta, plain: 'format' -> version of this layout. */
  meta: 1,
  /** 2 secret: name -> key material (identity seed, box keys, audit key, keeper share). */
  secret: 2,
  /** 3 patient: patient id -> PatientRecord. */
  patient: 3,
  /** 4 study: study id -> StudyRecord without its series (with them in format 1). */
  study: 4,
  /** 5 instance: study id, HMAC(SOP Instance UID) -> InstanceRecord. */
  instance: 5,
  /** 6 sop, plain: HMAC(SOP Instance UID) -> study id. */
  sop: 6,
  /** 7 header: study id, HMAC(SOP Instance UID) -> DICOM JSON of the instance's header. */
  header: 7,
  /** 8 keys: study id -> study key or, for a copy, the granted series keys. */
  keys: 8,
  /** 9 aside: id -> quarantined or conflicting object, with its reason and key. */
  aside: 9,
  /** 10 request: direction, request id -> request with its state. */
  request: 10,
  /** 11 grant: grant id -> grant given or held. */
  grant: 11,
  /** 12 transfer: transfer id -> transfer state. */
  transfer: 12,
  /** 13 progress, plain: transfer id, part -> what has arrived (bitmaps and ciphertext hashes only). */
  progress: 13,
  /** 14 outbox: time, id -> message to be delivered to another member. */
  outbox: 14,
  /** 15 replay, plain: HMAC(signer, id) -> not after. */
  replay: 15,
  /** 16 ledger: tag -> when each record of ours lapses. */
  ledger: 16,
  /** 17 tag record, plain: records stored for others, as signed and sealed by them. */
  tagRecord: 17,
  /** 18 roster, plain: number -> roster envelope. */
  roster: 18,
  /** 19 card, plain: peer id -> card envelope. */
  card: 19,
  /** 20 meter, plain: member -> points left at this keeper. */
  meter: 20,
  /** 21 account: name -> user or token (hashed). */
  account: 21,
  /** 22 audit key: HMAC(patient) -> that patient's audit key. */
  auditKey: 22,
  /** 23 tag secret: HMAC(identifier), generation -> y of one of our patients' identifiers. */
  tagSecret: 23,
  /** 24 publication: tag -> last incarnation, seq and summary key of our own record. */
  publication: 24,
  /** 25 manifest: manifest id -> the sealed manifest and its key. */
  manifest: 25,
  /** 26 evidence, plain: roster forks and blame. */
  evidence: 26,
  /** 27 object, plain: object id -> where it lies in a pack; empty when it was removed from there. */
  object: 27,
  /** 28 series: study id, order of the series in its study (4 bytes) -> SeriesRecord. */
  series: 28,
  /** 29 pack, plain: number of a pack (4 bytes) -> how many bytes of it rows speak of (6); it was begun before it was made. */
  pack: 29,
  /** 30 commitment: time, random -> storage commitment that waits to be answered. */
  commitment: 30,
  /** 34 route: destination, study id, HMAC(SOP Instance UID) -> instance that is to be sent on to another DICOM node. */
  route: 34,
  /** 40 order: order id -> Order with its scheduled steps. */
  order: 40,
  /** 41 performed step: HMAC(SOP Instance UID) -> modality performed procedure step. */
  performedStep: 41,
  /** 42 list, plain: bucket, start of its keys, time, rest of its key -> nothing; rows in the order of their times. */
  list: 42,
  /** 44 patient decision: patient id -> what people have decided about who he is, latest last. */
  patientDecision: 44,
} as const;

export type BucketName = keyof typeof buckets;

/** Buckets whose values hold nothing about a patient and are stored as they are. */
export const plainBuckets: ReadonlySet<BucketName> = new Set([
  'meta',
  'sop',
  'progress',
  'replay',
  'tagRecord',
  'roster',
  'card',
  'meter',
  'evidence',
  'object',
  'pack',
  'list',
]);
