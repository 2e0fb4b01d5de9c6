// Every limit of the protocol and the peer, each checked before anything is allocated. The unit is in the name.

const KiB = 1024;
const MiB = 1024 * KiB;

export const limits = {
  /** Nesting of any CBOR message: the deepest of ours (a manifest's DICOM JSON) stays below 24. */
  cborDepth: 32,
  /** Items (values and keys) in one CBOR message: a manifest of 20,000 instances has some 600,000. */
  cborItems: 4_000_000,
  /** Names a payload may list in `crit`. */
  critNames: 16,
  /** Any free text in a message unless its field says less: names, reasons, descriptions. */
  textBytes: 1 * KiB,
  /** A signed message unless its kind says otherwise. */
  messageBytes: 64 * KiB,

  /** Members of one federation: a large country's hospitals. */
  members: 2_000,
  /** Authority keys of one federation. */
  authorityKeys: 15,
  /** Keepers that hold a share of one index key. */
  keepers: 64,
  /** First-import allowances in one roster. */
  allowances: 2_000,
  /** Revocations in one roster. */
  revocations: 10_000,
  /** A roster's envelope: 2,000 members with 64 sealed shares and full lists stay below it. */
  rosterBytes: 4 * MiB,
  /** Rosters in one message or named by one `resolves`. */
  rostersAtOnce: 256,
  /** Rosters side by side under one number that are kept as evidence of a fork. */
  forkEvidence: 64,
  /** Rosters of one federation: one a day for 27 years. */
  rosterNumbers: 10_000,
  /** A request or reply of /dicomnet/roster/1: the largest roster, or 2,000 cards of usual size. */
  rosterMessageBytes: 8 * MiB,
  /** A roster file: the whole chain with the members' cards. */
  bundleBytes: 64 * MiB,
  /** A card's envelope: box keys of 1,216 bytes, addresses, contacts. */
  cardBytes: 8 * KiB,
  /** Addresses in one card. */
  cardAddresses: 16,
  /** A card's longest validity. */
  cardDays: 90,
  /** Days that an expired roster is still followed, with an alarm. */
  rosterGraceDays: 30,
  /** How far ahead another clock may be before what it dated is refused. */
  clockSkewMinutes: 10,
  /** What one sealed box holds: keys, a patient's identification; never bulk data. */
  boxPlainBytes: 128 * KiB,

  /** Largest share index of a keeper. */
  keeperIndex: 65_535,
  /** Points in one blind evaluation: a keeper's worker is busy for some 0.4 s with it. */
  evaluationPoints: 256,
  /** An evaluation's request or answer: 256 elements of 34 bytes and the rest. */
  evaluationBytes: 10 * KiB,
  /** CBOR [system, normalized value] that is blinded (SPEC, patient tags). */
  oprfInputBytes: 256,
  /** A patient identifier, before and after normalization. */
  identifierBytes: 200,
  /** An identifier system's URI. */
  identifierSystemBytes: 200,
  /** Points a meter lets through at once even where its share of the burst is smaller: one full batch. */
  meterBurstPoints: 256,

  /** The largest size class of an advertisement. */
  advertBytes: 64 * KiB,
  /** Advertisements, or tags, in one message between storing peers. */
  advertBatch: 256,
  /** A message of advertisements: 64 of the largest. */
  advertMessageBytes: 4 * MiB,
  /** What one publisher may have stored at one peer. */
  advertQuotaBytes: 4096 * MiB,
  /** Studies in one summary. */
  summaryStudies: 2_000,
  /** Modalities named for one study. */
  summaryModalities: 16,

  // Sealing and manifests
  /** Smallest and largest chunk of a sealed object, as powers of two: 4 KiB and 4 MiB. */
  sealLog2ChunkMin: 12,
  sealLog2ChunkMax: 22,
  /** Plain bytes of one sealed object. */
  sealPlainBytes: 2 ** 40,
  /** Chunks of one sealed object, so that its list of hashes stays within 128 MiB: 1 TiB of default chunks. */
  sealChunks: 2 ** 22,
  /** Sealed bytes that a range read asks for at a time (one chunk where chunks are larger). */
  sealReadBytes: 1 * MiB + 64,
  /** After so much a peer begins another pack of small sealed objects. */
  packBytes: 1024 * MiB,
  /** What the index is to say of one packed object, sealed. */
  packNoteBytes: 8 * MiB,
  /** A manifest's payload. */
  manifestBytes: 64 * MiB,
  /** Instances of one study; no more of it are taken in either, so that what is stored can be shown and granted. */
  manifestInstances: 50_000,
  /** Series of one study in all their generations. */
  manifestSeries: 10_000,
  /** Series of one study that are taken in: as many as one grant has keys for; real studies stay below some hundred. */
  studySeries: 1_000,
  /** Amendments of one manifest, and the size of each. */
  manifestAmendments: 1_000,
  manifestAmendmentBytes: 64 * KiB,

  /** Sequences inside sequences in a data set: real ones (SR content trees) stay below 20. */
  dicomDepth: 64,
  /** Elements and items in one data set: an enhanced multi-frame of 10,000 frames has some 600,000. */
  dicomElements: 1_000_000,
  /** Fragments, and frames, of one instance: a whole-slide image's finest level has some 200,000. */
  dicomFragments: 1_048_576,
  /** The file meta header (group 2) with preamble. */
  dicomMetaBytes: 64 * KiB,
  /** A value that a data set reader hands over; longer ones are skipped and only named. */
  dicomValueBytes: 64 * KiB,
  /** A value kept in an instance's DICOM JSON; longer ones become a byte range. */
  dicomInlineBytes: 1 * KiB,
  /** The same for texts: viewers show no report whose text is elsewhere. */
  dicomInlineTextBytes: 64 * KiB,
  /** An instance's DICOM JSON: above it the largest values and sequences become byte ranges. */
  dicomJsonBytes: 1 * MiB,
  /** The DICOM JSON of a data set that is read whole: reports, identifiers, metadata. */
  dicomWholeJsonBytes: 16 * MiB,
  /** A structured report that is shown. */
  reportBytes: 64 * MiB,
  /** One text of a conclusion or selection. */
  reportTextChars: 100_000,
  /** Instances that a conclusion or selection names. */
  reportReferences: 1_000,
  /** What a deflated data set may inflate to, whatever its size. */
  dicomInflatedBytes: 4096 * MiB,
  /** What any deflated data set may inflate to before the ratio counts. */
  dicomInflateFreeBytes: 16 * MiB,
  /** Inflated bytes for each deflated byte beyond that (DEFLATE itself reaches 1,032). */
  dicomInflateRatio: 100,
  // Pixels
  /** One frame, compressed or not: the largest mammography and tomosynthesis frames have some 40 MiB. */
  pixelFrameBytes: 256 * MiB,
  /** Memory of one codec while it works: OpenJPEG takes some 8 bytes a sample. */
  pixelCodecBytes: 1536 * MiB,
  /** Memory that a codec may keep for its next frame. */
  pixelCodecKeptBytes: 320 * MiB,
  /** Decoding, encoding or rendering one frame. */
  pixelJobMs: 30_000,
  /** Frames that wait for a worker, and what they hold. */
  pixelJobs: 256,
  pixelJobBytes: 512 * MiB,
  /** A worker without work ends after so long: its memory returns. */
  pixelIdleMs: 20_000,
  /** Rows and columns of a rendered image that is asked for. */
  pixelViewport: 8_192,
  /** Values other than pixels that are read into memory to render an image: palettes, LUTs, overlays. */
  pixelTableBytes: 4 * MiB,
  /** A value that is read whole while a data set is written in another transfer syntax; longer ones flow. */
  pixelValueBytes: 64 * KiB,
  /** Values of one header that a de-identification keeps in memory. */
  deidHeaderBytes: 64 * MiB,
  // DIMSE (PS3.7, PS3.8)
  /** Body of an A-ASSOCIATE-RQ or -AC: 128 contexts of 36 transfer syntaxes still fit. */
  dimseAssociateBytes: 128 * KiB,
  /** Presentation contexts of one association: their ids are the odd numbers of one byte (PS3.8 9.3.2.2). */
  dimseContexts: 128,
  /** Transfer syntaxes of one presentation context: pynetdicom offers all of the standard's, more than 40. */
  dimseTransferSyntaxes: 64,
  /** User information sub-items: at most three of each of 128 SOP classes, and the single ones. */
  dimseUserItems: 400,
  /** Body of the P-DATA-TF PDUs that we announce to take. */
  dimsePduBytes: 256 * KiB,
  /** Largest P-DATA-TF body that we send, however much the other side takes. */
  dimseSentPduBytes: 1 * MiB,
  /** One command set: a C-STORE-RQ has some 200 bytes. */
  dimseCommandBytes: 16 * KiB,
  /** Elements of one command set: PS3.7 E.1 knows 29. */
  dimseCommandElements: 64,
  /** Bytes that may wait to be sent before we stop reading what would be answered. */
  dimseUnsentBytes: 64 * KiB,
  /** Answers of one C-FIND to a remote node that are handed on; the rest is cancelled. */
  dimseFindAnswers: 5_000,
  /** Pulls and sends, running and ended, that are remembered. */
  pacsJobs: 1_000,
  /** Pulls at a time. */
  pacsPulls: 4,
  /** How long a report of storage commitment is waited for. */
  pacsCommitMs: 600_000,
  /** Instances that another node is asked for in one request of storage commitment. */
  pacsCommitInstances: 2_000,
  /** Instances that wait to be sent on to other nodes, of all destinations. */
  routeQueue: 1_000_000,
  /** Instances sent over one association before another is opened. */
  routeBatch: 500,
  /** Data set of a request other than C-STORE: a UID list or commitment request of 10,000 instances has some 1.5 MB. */
  dimseIdentifierBytes: 4 * MiB,
  /** C-FIND, C-MOVE and C-GET of one association at a time. */
  dimseOperations: 8,
  /** Associations of one listed caller at a time, unless its entry says otherwise. */
  dimseCallerAssociations: 32,
  /** Associations of one address at a time whose caller shows neither a listed address nor a listed certificate. */
  dimseAddressAssociations: 16,
  /** What must come of a message in a minute, the idle limit, until it is whole. */
  dimseProgressBytes: 64 * KiB,
  /** Matches of one C-FIND. */
  dimseMatches: 100_000,
  /** Instances of one C-MOVE or C-GET: its counts have 16 bits. */
  dimseSubOperations: 65_535,
  /** Instances of one storage commitment request. */
  dimseCommitInstances: 20_000,
  /** Storage commitment results that wait to be delivered. */
  dimseCommitWaiting: 10_000,

  // Orders
  /** An order as it is posted: a FHIR resource or an HL7 message. */
  orderBytes: 512 * KiB,
  /** Orders kept; of those that have ended the oldest go first. */
  orders: 50_000,
  /** Orders in one message or bundle, and steps of one order. */
  ordersAtOnce: 64,
  /** Segments of an HL7 message, fields of a segment, repetitions of a field, components of a repetition. */
  hl7Segments: 1000,
  hl7Parts: 500,
  /** Performed procedure steps of one scheduled step. */
  performedOfStep: 32,

  // The network between peers
  /** A request's or an answer's body unless its protocol says otherwise. */
  netBodyBytes: 256 * KiB,
  /** An error's free text in an answer. */
  netErrorTextBytes: 512,
  /** Requests of one peer that are handled at a time; more are answered with net/busy. */
  netInbound: 64,
  /** Bodies of members' requests as far as they have come, of all and of one; more are answered with net/busy. */
  netInboundBytes: 128 * MiB,
  netPeerInboundBytes: 32 * MiB,
  /** The same for all peers that the roster does not name, and requests of one of them at a time. */
  netStrangerBytes: 16 * MiB,
  netStrangerInbound: 4,
  /** Our requests to one peer under way at a time; more wait. */
  netOutbound: 32,
  /** Our requests that wait for their turn with one peer. */
  netWaiting: 1024,
  /** A request that names no deadline. */
  netRequestMs: 30_000,
  /** Finding a peer, connecting and agreeing on a protocol. */
  netOpenMs: 10_000,
  /** yamux: the most that a stream's other side may send ahead; a paused stream holds this much. */
  netWindowBytes: 8 * MiB,
  /** A channel's reader is paused when this much waits to be read. */
  netReadAheadBytes: 512 * KiB,
  /** Streams of one protocol that one connection may open. */
  netStreams: 128,
  /** Connections of all peers. */
  netConnections: 600,
  /** New connections a second from one address, before anything is read from them. */
  netConnectionsPerSecond: 20,
  /** Peers in the DHT's answer, as kad-dht's k. */
  netClosest: 20,
  /** Evaluation jobs that wait for the worker: some half a minute of work. */
  evaluationJobs: 128,
  /** Members that a peer keeps connections to; with no more than these everybody is connected to everybody. */
  netMesh: 100,
  /** Unknown peers connected at a time: for one more the oldest goes. */
  gateStrangers: 16,
  /** Those of one source, an IPv4 address or an IPv6 network of 64 bits: for one more the oldest goes. */
  gateStrangersOfSource: 4,
  /** Streams that an unknown peer may open in its time. */
  gateStrangerStreams: 64,
  /** How long a peer that the roster does not name may stay to push a roster that does. */
  gateStrangerMs: 5_000,

  // Asking and granting
  /** How far into the future another peer's `issuedAt` may lie, and how old one for an automatic grant may be. */
  accessSkewMs: 10 * 60_000,
  /** From `issuedAt` to `notAfter` of a request. */
  requestLifetimeMs: 30 * 24 * 3_600_000,
  /** Within this a person looks at a grant that an emergency got at once. */
  reviewMs: 72 * 3_600_000,
  /** Things asked for by one request. */
  requestRefs: 1_000,
  /** The sealed patient in a request: identifier, name, birth date and a hybrid box around them. */
  requestPatientBytes: 4 * KiB,
  /** What a request shows as consent: a signed document or a reference to one. */
  requestConsentBytes: 16 * KiB,
  /** Series that one grant names and wraps keys for: 129 bytes each at most, so that all fit into one sealed box. */
  grantSeries: 1_000,
  /** The wrapped keys in a grant: a sealed box with what stands around it. */
  grantWrappedBytes: 130 * KiB,
  /** A grant: wrapped keys and a scope of 1,000 UIDs. */
  grantBytes: 256 * KiB,
  /** Grants in one decision, one a study. */
  decisionGrants: 500,
  /** A decision: its grants (2 KiB for a study of one series) and what stands around them. */
  decisionBytes: 2 * MiB,
  /** Object ids listed in a receipt; more are covered by count and digest alone. */
  receiptObjects: 20_000,
  /** A receipt with all of them. */
  receiptBytes: 768 * KiB,

  // Audit
  /** One audit entry before it is sealed. */
  auditEntryBytes: 16 * KiB,
  /** A signed tree head. */
  auditHeadBytes: 1 * KiB,
  /** Hashes in a proof: twice the depth of the largest log (2^48 entries). */
  auditProofHashes: 96,
  /** Entries that wait for the disk. */
  auditQueued: 10_000,
  /** Bytes of entries written with one fsync. */
  auditBatchBytes: 1 * MiB,
  /** Entries after which the log's derived files are synced: what a start has to read again. */
  auditCheckpointEntries: 1_024,
  /** Patients' audit keys held in memory. */
  auditKeysCached: 1_000,
  /** Places named by one verification of the log. */
  auditProblems: 100,

  // HTTP
  /** A JSON body: 1,000 refs and the words around them stay far below it. */
  httpBodyBytes: 1 * MiB,
  /** What is read on of an import that was refused in its middle, so that its sender looks for the answer. */
  httpDrainBytes: 64 * MiB,
  // Multipart bodies: STOW-RS, uploads
  /** Text before the first boundary, which nobody reads. */
  multipartPreambleBytes: 4 * KiB,
  /** Header lines of one part, and their bytes. */
  multipartHeaders: 32,
  multipartHeaderBytes: 16 * KiB,
  /** Parts of one body: a CT of 20,000 slices, or metadata with a bulk data part for each. */
  multipartParts: 100_000,
  /** The JSON of STOW-RS metadata: some thousand instances. */
  stowMetadataBytes: 64 * MiB,
  /** Instances of one STOW-RS request that are being made durable while the next is read. */
  stowAtOnce: 16,
  /** Bulk data that stand inside sequences, of one instance: they are put together in memory. */
  stowNestedBytes: 64 * MiB,

  // Archives and other files that are imported
  /** Files in one archive. */
  archiveEntries: 200_000,
  /** What an archive may inflate to, whatever its size; and its bytes for each of its own beyond 64 MiB. */
  archiveBytes: 1024 * 1024 * MiB,
  archiveFreeBytes: 64 * MiB,
  archiveRatio: 200,
  /** An archive inside another one. */
  archiveNestedBytes: 64 * 1024 * MiB,
  /** Files that one report names one by one; more are only counted. */
  importReportFiles: 10_000,
  /** A DICOMDIR, and the files that it names. */
  dicomdirBytes: 64 * MiB,
  dicomdirFiles: 200_000,
  /** JPEG, PNG, PDF and STL files that become DICOM objects, and the pixels that a PNG is decoded to. */
  wrapBytes: 128 * MiB,
  wrapPixelBytes: 64 * MiB,
  /** The index (moov box) of a video. */
  wrapVideoIndexBytes: 64 * MiB,

  /** The query part of a URL, and each of its values. */
  httpQueryBytes: 8 * KiB,
  /** Attributes, options and fields that one query names. */
  httpQueryKeys: 64,
  /** Path parameters: a list of some 800 frame numbers. */
  httpParamBytes: 4 * KiB,
  /** Clients that follow the peer's events at a time. */
  httpEventClients: 256,
  /** Events that wait for one slow client before it is disconnected. */
  httpEventBytes: 256 * KiB,
  /** Requests that one address may send in a minute: viewers ask for each frame by itself. */
  httpRequestsPerMinute: 100_000,
  /** Sign-ins that one address may try in a minute. */
  httpSignInsPerMinute: 10,
  /** The longest life of a program's token. */
  tokenDays: 365,
  /** Rows in one answer of a list. */
  httpPageRows: 1_000,
  /** Matches in one QIDO-RS answer over all studies; a single study's are given whole. */
  qidoMatches: 5_000,
  /** Instances that one search may read when the index alone cannot answer it. */
  queryExamined: 100_000,

  // transfer (SPEC section 8)
  /** Payload of one control frame: 5,000 wants. */
  transferFrameBytes: 64 * KiB,
  /** Wants that a sender queues for one stream. */
  transferWants: 4096,
  /** Objects that one request to move to the front may name. */
  transferFront: 64,
  /** What one object frame announces: between two of them the guard is asked anew. */
  transferSegmentBytes: 16 * MiB,
  /** Objects of one transfer. */
  transferObjects: 1_000_000,
  /** Streams that one peer may have open with us. */
  transferStreams: 16,
  /** Received objects that may wait, with an open file each, until the import has made them durable. */
  transferAdopting: 128,
} as const;

export { KiB, MiB };
