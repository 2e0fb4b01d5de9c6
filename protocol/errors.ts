// The one catalogue of everything that can be refused or go wrong. A code is API: it never changes its meaning.
// Wire numbers: 1xx encoding and envelopes, 2xx federation, 3xx tags, 4xx advertisements and summaries, 5xx sealing and
// manifests, 6xx asking and granting, 7xx transfer, 8xx audit, 9xx the peer itself (network, store, DIMSE, HTTP, user).

/** What each code becomes elsewhere: number on the wire, HTTP status, DIMSE status (PS3.7 C), whether trying again helps. */
export interface ErrorRow {
  readonly wire: number;
  readonly http: number;
  readonly dimse: number;
  readonly retry: boolean;
  /** One English sentence: what happened and, where somebody can act, what to do next. */
  readonly text: string;
}

const row = (wire: number, http: number, dimse: number, retry: boolean, text: string): ErrorRow => ({
  wire,
  http,
  dimse,
  retry,
  text,
});

export const catalogue = {
  // 1xx: encoding and envelopes
  'cbor/malformed': row(101, 400, 0xc000, false, 'The message is not well-formed deterministic CBOR.'),
  'cbor/too-long': row(102, 413, 0xa700, false, 'The message is longer than its kind allows.'),
  'cbor/too-deep': row(103, 400, 0xc000, false, 'The message is nested deeper or has more items than is allowed.'),
  'field/missing': row(104, 400, 0xc000, false, 'A required field is missing.'),
  'field/invalid': row(105, 400, 0xc000, false, 'A field has a value that is not allowed.'),
  'crit/unknown': row(106, 400, 0xc000, false, 'The message needs something that this version does not understand.'),
  'kind/unsupported': row(107, 501, 0x0122, false, 'This kind of message is known but not served by this version.'),
  'kind/unexpected': row(108, 400, 0xc000, false, 'The message is of another kind than was expected here.'),
  'version/unsupported': row(
    109,
    426,
    0x0122,
    false,
    'The other side speaks a version that is not supported; update it.',
  ),
  'envelope/signature': row(110, 403, 0x0124, false, 'The signature does not match the message.'),
  'envelope/signer': row(111, 403, 0x0124, false, 'The message is signed by somebody else than it should be.'),

  // 2xx: federation
  'roster/form': row(200, 400, 0xc000, false, 'The roster contradicts itself.'),
  'roster/lower-number': row(201, 409, 0xc000, false, 'The roster is older than the one that is followed already.'),
  'roster/broken-chain': row(202, 409, 0xc000, false, 'The roster does not follow the one that is known.'),
  'roster/too-few-signatures': row(203, 403, 0x0124, false, 'Too few authorities have signed the roster; collect more.'),
  'roster/signer-twice': row(204, 403, 0x0124, false, 'One authority signed the roster twice; each counts once.'),
  'roster/signer-unknown': row(205, 403, 0x0124, false, 'The roster is signed by a key that is no authority of it.'),
  'roster/other-federation': row(206, 403, 0x0124, false, 'The roster belongs to another federation.'),
  'roster/index-key': row(207, 400, 0xc000, false, 'The shares of the index key in the roster do not make one key.'),
  'roster/succession': row(
    208,
    403,
    0x0124,
    false,
    'A member changes its peer id without a succession signed by the old key or a mark that it was reissued.',
  ),
  'roster/fork': row(
    209,
    409,
    0xc000,
    false,
    'The authorities have signed two different rosters under one number; nobody new is admitted until they resolve it.',
  ),
  'roster/expired': row(
    210,
    403,
    0x0124,
    false,
    'The roster has expired; ask the authority for a new one within 30 days, then the network stops.',
  ),
  'roster/none': row(211, 409, 0x0124, false, 'This peer has joined no federation yet; join one with its roster file.'),
  'member/unknown': row(215, 403, 0x0124, false, 'The peer is not a member that the current roster names.'),
  'member/exists': row(216, 409, 0xc000, false, 'The peer or member is in the roster already.'),
  'card/validity': row(220, 400, 0xc000, false, 'The card has lapsed, is not valid yet or claims more than 90 days.'),
  'card/member': row(221, 403, 0x0124, false, 'The card names another member than the one whose peer signed it.'),
  'join/card': row(225, 400, 0xc000, false, 'The card in the join request is not signed by the peer that asks.'),
  'authority/keepers': row(
    230,
    409,
    0xc000,
    false,
    'Fewer keepers than the threshold would remain; deal a new index key to other keepers.',
  ),
  'authority/payload': row(231, 409, 0xc000, false, 'The signatures to assemble are for different rosters.'),
  'authority/missing': row(232, 404, 0xc000, false, 'There is no federation in this folder; make one with federation create, or name another with --dir.'),
  'authority/exists': row(233, 409, 0xc000, false, 'There is a federation in this folder already; use another --dir folder.'),
  'authority/key': row(234, 500, 0xc000, false, 'The authority key is missing, malformed or readable by others; restore it and make it readable by its owner alone (chmod 600).'),
  'authority/pending': row(235, 409, 0xc000, false, 'Another roster with this number was signed here already: finish it with sign and assemble, or say --replace if it will never be published.'),
  'authority/busy': row(236, 503, 0xc000, true, 'Another command works on this federation folder; wait until it has ended.'),
  'authority/threshold': row(237, 400, 0xc000, false, 'The threshold must be more than half of the authority keys, and each key may be named once.'),
  'authority/card': row(238, 409, 0xc000, false, 'No card of this member is in the roster file, so no share can be sealed to it; choose another keeper.'),
  'authority/file': row(239, 400, 0xc000, false, 'This is not the public key file of an authority; federation key writes one.'),
  'member/ambiguous': row(217, 409, 0xc000, false, 'More than one member has this name; use the member id.'),
  'box/key': row(250, 400, 0xc000, false, 'The box keys are malformed or weak, so nothing is sealed to them.'),
  'box/unopenable': row(251, 403, 0x0124, false, 'The sealed box is not for this key or was altered.'),
  'box/too-long': row(252, 413, 0xc000, false, 'This is more than a sealed box may hold.'),

  // 3xx: patient tags
  'tags/point': row(301, 400, 0xc000, false, 'A group element or scalar is malformed or the identity.'),
  'tags/share': row(302, 400, 0xc000, false, "The keepers' shares, indices or threshold of the index key do not fit together."),
  'tags/proof': row(303, 502, 0xc000, true, "A keeper's proof does not match its commitment in the roster; it was blamed."),
  'tags/generation': row(304, 409, 0xc000, true, 'The keeper holds another index key or generation; update the roster on both sides.'),
  'tags/no-keepers': row(305, 503, 0xa700, true, "Too few keepers answered to look a patient up; try again or tell the keepers' hospitals."),
  'tags/over-quota': row(306, 429, 0xa700, true, 'This hospital has used up its look-ups for now; wait, or ask the authority for an allowance.'),
  'tags/identifier': row(307, 400, 0xc000, false, 'The patient identifier is empty, too long or holds characters that are not allowed.'),
  'tags/system': row(308, 400, 0xc000, false, 'The identifier system is not a URI that this federation can use.'),
  'tags/keeper-down': row(309, 503, 0xa700, true, 'A keeper did not answer in time.'),
  'tags/not-keeper': row(310, 404, 0xc000, false, 'This peer keeps no share of that index key.'),

  // 4xx: advertisements and summaries
  'advert/size': row(401, 400, 0xc000, false, 'The advertisement is not of one of the fixed sizes.'),
  'advert/not-member': row(402, 403, 0x0124, false, 'The advertisement is not signed by the member that it names.'),
  'advert/epoch': row(403, 409, 0xc000, false, 'The advertisement is for a week that is not published now; check the clock.'),
  'advert/expiry': row(404, 400, 0xc000, false, 'The advertisement has lapsed or asks to be kept longer than is allowed.'),
  'advert/over-quota': row(405, 429, 0xa700, true, 'The publisher has used up its room on this peer.'),
  'advert/superseded': row(406, 409, 0xc000, false, 'A newer version of this advertisement is stored already.'),
  'advert/conflict': row(407, 409, 0xc000, false, 'Another advertisement with the same version is stored already.'),
  'advert/rolled-back': row(408, 502, 0xc000, true, 'A peer served an older version of an advertisement than is known.'),
  'advert/wrong-tag': row(409, 502, 0xc000, false, 'A peer served an advertisement that was not asked for.'),
  'advert/summary': row(410, 502, 0xc000, false, 'The summary does not open with this key or is malformed.'),
  'advert/too-large': row(411, 413, 0xa700, false, 'The summary does not fit into the largest advertisement.'),
  'advert/no-purpose': row(412, 403, 0x0124, false, 'A summary is released only for a stated purpose and reason; give both.'),
  'advert/not-addressed': row(413, 403, 0x0124, false, 'The summary request is addressed to another hospital.'),
  'advert/request-time': row(414, 403, 0x0124, false, 'The summary request was issued too long ago or in the future; check the clocks.'),
  'advert/replayed': row(415, 409, 0x0124, false, 'This summary request was received before; make a new one.'),
  'advert/unknown': row(416, 404, 0xc000, false, 'Nothing is advertised here under this tag.'),
  'advert/denied': row(417, 403, 0x0124, false, 'The hospital does not release this summary.'),

  // 6xx: asking and granting
  'access/misaddressed': row(601, 403, 0x0124, false, 'The message is addressed to another member.'),
  'access/clock': row(603, 400, 0x0124, false, 'The message comes from the future; set the clock of the peer that sent it.'),
  'access/expired': row(604, 403, 0x0124, false, 'The request or grant has expired; ask again.'),
  'access/lifetime': row(605, 400, 0x0124, false, 'The request is meant to live longer than is allowed.'),
  'access/replayed': row(606, 409, 0x0124, false, 'This id was used before for another message; ask again with a new one.'),
  'access/patient': row(607, 400, 0x0124, false, 'The patient in the request cannot be read; fetch the current card and ask again.'),
  'access/refs': row(608, 404, 0xa801, false, 'Something asked for is not held here for this patient; search again.'),
  'access/denied': row(609, 403, 0x0124, false, 'The hospital has denied the request.'),
  'access/no-rights': row(610, 403, 0x0124, false, 'This kind of member has no right to ask for patient data.'),
  'access/purpose': row(611, 403, 0x0124, false, 'The hospital does not answer requests for this purpose.'),
  'access/person': row(612, 403, 0x0124, false, 'A person at the hospital decides on this request; wait for the answer.'),
  'access/demographics': row(
    613,
    403,
    0x0124,
    false,
    'Name and birth date are missing or differ from those held here; a person decides.',
  ),
  'access/stale': row(614, 403, 0x0124, false, 'The request is too old to be granted by itself; a person decides.'),
  'access/holder': row(615, 403, 0x0124, false, 'The grant is for another member.'),
  'access/not-yet': row(616, 403, 0x0124, true, 'The grant is not valid yet; try again when it is.'),
  'access/revoked': row(617, 403, 0x0124, false, 'The grant was revoked; ask again.'),
  'access/scope': row(618, 403, 0x0124, false, 'The grant does not cover this series or action.'),
  'access/wrap': row(619, 400, 0x0124, false, 'The wrapped keys cannot be opened for this grant; ask again.'),
  'access/mismatch': row(620, 409, 0x0124, false, 'The answer does not belong to the request or grant that it names.'),
  'access/request-unknown': row(622, 404, 0xc000, false, 'There is no request with this id here; see the list that requests prints.'),
  'access/grant-unknown': row(623, 403, 0x0124, false, 'There is no such grant here; ask for the study again.'),
  'access/state': row(621, 409, 0x0110, false, 'This is not possible in the present state of the request.'),

  // 8xx: audit
  'audit/forked': row(801, 409, 0x0110, false, 'The audit log does not continue the one seen before; keep both heads as evidence.'),
  'audit/proof': row(802, 400, 0x0110, false, 'The proof does not hold for this audit log.'),
  'audit/range': row(803, 404, 0x0110, false, 'The audit log has no such entry or size.'),
  'audit/damaged': row(804, 500, 0x0110, false, 'Acknowledged audit entries are missing or changed on disk; restore the log.'),
  'audit/unwritable': row(805, 507, 0xa700, false, 'The audit log cannot be written; free the disk or mend it, then restart.'),
  'audit/busy': row(806, 503, 0x0110, true, 'Too many audit entries wait for the disk; try again.'),
  'audit/unreadable': row(807, 500, 0x0110, false, 'An audit entry does not open with its key.'),
  'audit/closed': row(808, 503, 0x0110, true, 'The audit log is closed; the peer is stopping.'),

  // 7xx: transfer
  'transfer/framing': row(701, 400, 0xc000, false, 'A frame of the transfer is malformed or longer than its kind allows.'),
  'transfer/unexpected': row(702, 409, 0xc000, false, 'The other side of a transfer sent what was not asked for or does not belong there.'),
  'transfer/too-many-wants': row(703, 429, 0xa700, false, 'More objects were asked for at once than are queued.'),
  'transfer/too-many-streams': row(704, 429, 0xa700, true, 'The peer has more transfer streams open than are served at once; it continues when one is free.'),
  'transfer/no-such-object': row(705, 404, 0xc000, false, 'The transfer has no object with this number.'),
  'transfer/missing': row(706, 404, 0xc000, true, 'The sending hospital cannot read this object now; its operator must repair it.'),
  'transfer/manifest': row(707, 502, 0xc000, false, 'The manifest is not the one that the grant names; the sending hospital was blamed.'),
  'transfer/bad-chunk': row(708, 502, 0xc000, true, 'A chunk does not verify; the sending hospital was blamed and is asked once more.'),
  'transfer/lying-source': row(709, 502, 0xc000, false, 'The sending hospital sent wrong bytes again; the transfer was stopped, tell its operator.'),
  'transfer/refused': row(710, 403, 0x0124, false, 'The sending hospital ended the transfer for a reason that this version does not know; update it.'),
  'transfer/incomplete': row(711, 502, 0xb000, true, 'Some objects could not be had; what arrived is kept, try again later for the rest.'),
  'transfer/cancelled': row(712, 499, 0xfe00, true, 'The transfer was cancelled; what arrived is kept.'),
  'transfer/stalled': row(713, 504, 0xa700, true, 'Nothing arrived for too long; the stream is opened anew.'),
  'transfer/too-large': row(714, 413, 0xa700, false, 'The manifest or the number of objects is larger than a transfer takes.'),

  // 5xx: sealing and manifests
  'seal/header': row(501, 400, 0xc000, false, 'This is not a sealed object, or its header is damaged; fetch it again.'),
  'seal/encoding': row(502, 501, 0x0122, false, 'The object is packed in a way that this version cannot open; update it.'),
  'seal/commitment': row(503, 403, 0x0124, false, 'The key is not the one that the object was sealed with.'),
  'seal/chunk': row(504, 422, 0xc000, false, 'A part of the sealed object was altered or moved; fetch it again.'),
  'seal/truncated': row(505, 422, 0xc000, false, 'The sealed object ends too early; fetch the rest.'),
  'seal/trailing': row(506, 422, 0xc000, false, 'The sealed object is longer than its header says; fetch it again.'),
  'seal/object-id': row(507, 422, 0xc000, false, 'The sealed object is not the one that was asked for; fetch it again.'),
  'seal/too-long': row(508, 413, 0xa700, false, 'The instance is longer than a sealed object may be.'),
  'seal/range': row(509, 416, 0xc000, false, 'The object does not have the bytes that were asked for.'),
  'seal/state': row(510, 500, 0x0110, false, 'The kept state of a transfer is damaged; the object is fetched from its start.'),
  'manifest/id': row(520, 422, 0xc000, false, 'The manifest is not the one that the grant names; fetch it again.'),
  'manifest/invalid': row(521, 422, 0xc000, false, 'The manifest contradicts itself; ask its owner for a new version.'),
  'manifest/too-long': row(522, 413, 0xa700, false, 'The study has more or larger instances than one manifest holds.'),
  'manifest/series-unknown': row(523, 404, 0xc000, false, 'The manifest does not have this series.'),
  'manifest/amended': row(
    524,
    501,
    0x0122,
    false,
    'The study carries corrections that this version cannot apply; update it before using the study.',
  ),

  // 930-949: reading DICOM (PS3.5, PS3.10)
  'dicom/not-dicom': row(930, 415, 0xc000, false, 'This is not a DICOM file or data set.'),
  'dicom/truncated': row(931, 400, 0xc000, false, 'The data set ends in the middle of an element; send it again whole.'),
  'dicom/length': row(932, 400, 0xc000, false, 'An element is longer than the item or sequence that holds it.'),
  'dicom/too-deep': row(933, 400, 0xc000, false, 'Sequences are nested deeper than is allowed.'),
  'dicom/too-many': row(934, 413, 0xc000, false, 'The data set has more elements or fragments than is allowed.'),
  'dicom/malformed': row(935, 400, 0xc000, false, 'The data set has a delimiter or element where none may be.'),
  'dicom/transfer-syntax': row(936, 415, 0xc000, false, 'The transfer syntax is missing, invalid or not that of the data.'),
  'dicom/deflate': row(937, 400, 0xc000, false, 'The deflated data set cannot be inflated; send it again.'),
  'dicom/inflates-too-far': row(938, 413, 0xc000, false, 'The deflated data set inflates to more than is allowed.'),
  'dicom/uid-missing': row(939, 400, 0xc000, false, 'The SOP class, SOP instance, study or series UID is missing.'),
  'dicom/uid-invalid': row(940, 400, 0xc000, false, 'A UID is not digits and dots of at most 64 characters (PS3.5 9).'),
  'dicom/sop-mismatch': row(941, 409, 0xa900, false, 'The data set is of another SOP class or instance than was announced.'),
  'dicom/directory': row(942, 415, 0xc000, false, 'This is a DICOMDIR, not an instance; import the folder it lies in.'),
  'dicom/meta': row(943, 400, 0xc000, false, 'The file meta header is broken or too long.'),
  // 950-969: DIMSE (PS3.7 and PS3.8) and its port
  'dimse/pdu-type': row(950, 400, 0xc000, false, 'The other side sent a PDU of a type that DICOM does not have.'),
  'dimse/pdu-length': row(951, 400, 0xc000, false, 'The other side sent a PDU with a length that is not allowed.'),
  'dimse/pdu-malformed': row(952, 400, 0xc000, false, 'The other side sent a PDU that does not follow PS3.8.'),
  'dimse/command-malformed': row(953, 400, 0x0212, false, 'The other side sent a command set that does not follow PS3.7.'),
  'dimse/context-unknown': row(954, 400, 0x0122, false, 'Data came on a presentation context that was not accepted.'),
  'dimse/sequence': row(955, 409, 0x0110, false, 'A DIMSE message or service came out of its order.'),
  'dimse/rejected': row(
    956,
    502,
    0x0124,
    false,
    'The other side rejected the association; check both AE titles and its list of known callers.',
  ),
  'dimse/aborted': row(957, 502, 0x0110, true, 'The other side aborted the association.'),
  'dimse/closed': row(958, 502, 0x0110, true, 'The connection closed before the association was released.'),
  'dimse/timeout': row(959, 504, 0x0110, true, 'The other side was silent for too long; the association was aborted.'),
  'dimse/operation-unknown': row(960, 501, 0x0211, false, 'The requested DIMSE operation is not provided here.'),
  'dimse/sop-class': row(961, 400, 0x0122, false, 'The SOP class is not the one that the presentation context is for.'),
  'dimse/sop-instance-uid': row(962, 400, 0x0117, false, 'The SOP Instance UID is not a valid UID.'),
  'dimse/data-set-missing': row(963, 400, 0xc000, false, 'The request says that it has no data set, but it needs one.'),
  'dimse/context-refused': row(
    964,
    502,
    0x0122,
    false,
    'The other side does not accept this SOP class in this transfer syntax; convert the instance or configure that side.',
  ),
  'dimse/stopping': row(965, 503, 0x0110, true, 'The peer is shutting down; send again when it is back.'),
  'dimse/unreachable': row(
    966,
    502,
    0x0110,
    true,
    'No connection to the DICOM node; check its address and port, and that it runs.',
  ),
  'net/port-taken': row(967, 500, 0x0110, false, 'The port is in use; stop the other program or configure another port.'),
  'dimse/internal': row(969, 500, 0x0110, true, 'The DICOM service failed by a fault of its own; its log says how.'),
  'dimse/cancelled': row(968, 499, 0x0110, true, 'The association was aborted at our own request.'),

  // 900-919: the network between peers (net/port-taken is beside DIMSE's)
  'net/unreachable': row(900, 503, 0xa700, true, 'The other peer cannot be reached; it may be off line or its address wrong.'),
  'net/timeout': row(901, 504, 0xa700, true, 'The other peer did not answer in time.'),
  'net/refused': row(902, 403, 0x0124, false, 'The roster does not let these two peers talk about this.'),
  'net/closed': row(903, 502, 0xa700, true, 'The connection broke before everything had arrived.'),
  'net/too-large': row(904, 413, 0xa700, false, 'The message is larger than this protocol allows.'),
  'net/busy': row(905, 429, 0xa700, true, 'Too many requests are under way with this peer; try again in a moment.'),
  'net/framing': row(906, 400, 0xc000, false, 'The other peer sent something that does not follow the protocol.'),
  'net/internal': row(907, 502, 0xc000, true, 'The other peer failed while it handled the request; its log says why.'),
  'net/unknown-error': row(908, 502, 0xc000, false, 'The other peer answered with an error that this version does not know.'),
  'net/no-protocol': row(909, 501, 0x0122, false, 'The other peer does not serve this protocol; one of the two needs an update.'),
  'net/stopped': row(910, 503, 0xa700, true, 'The peer is not running or is shutting down.'),
  'net/address': row(911, 500, 0xc000, false, 'An address is not a multiaddr; write it like /ip4/192.0.2.1/tcp/4101.'),
  'net/worker': row(912, 500, 0xc000, true, 'The worker that evaluates tags ended unexpectedly and is started again.'),
  'net/no-card': row(919, 503, 0xa700, true, 'The card of that member has not arrived yet; try again when its peer is on line.'),
  // 92x: store
  'store/locked': row(920, 503, 0xa700, false, 'The data folder is in use by another process; stop that one or use another --data folder.'),
  'store/unreadable': row(921, 500, 0xa700, false, 'The database in the data folder cannot be opened; check the disk and its permissions, or restore a backup.'),
  'store/corrupt': row(922, 500, 0xa700, false, 'Something stored does not verify; run scrub, and restore it from a backup or another peer.'),
  'store/object-missing': row(923, 404, 0xa700, false, 'A stored object is not there; run scrub, and restore it from a backup or another peer.'),
  'store/full': row(924, 507, 0xa700, true, 'The disk is full or below storage.minFreeBytes; free some space, then send again.'),
  'store/format': row(925, 500, 0xa700, false, 'The data folder was written by a newer version; install that version.'),
  // 97x: vault, import, patients
  'vault/missing': row(970, 500, 0xa700, false, 'There is no peer in this data folder; run init first or name another with --data.'),
  'vault/readable': row(971, 500, 0xa700, false, 'The vault file can be read by others on this machine; make it readable by its owner alone (chmod 600).'),
  'vault/passphrase': row(972, 401, 0xa700, false, 'The passphrase is missing or wrong; set DICOMNET_PASSPHRASE to the one that was used at init.'),
  'import/conflict': row(973, 409, 0x0111, false, 'Another object with this SOP Instance UID is stored already; the new one was kept aside as a conflict.'),
  'import/patient-differs': row(974, 409, 0xc000, false, 'The study belongs to another patient here; the object was kept aside for a person to decide.'),
  'import/not-dicom': row(975, 415, 0xc000, false, 'This is not a DICOM file.'),
  'aside/unknown': row(977, 404, 0xc000, false, 'Nothing with this id is kept aside; see the list that quarantine list prints.'),
  'manifest/unknown': row(978, 404, 0xa700, false, 'The manifest is not kept here.'),
  'patient/unknown': row(976, 404, 0xc000, false, 'No such patient record here; see the list that patients prints.'),
  // 98x: configuration and users; 99x: HTTP
  'import/archive': row(979, 415, 0xc000, false, 'Archives are not opened; unpack it and import the folder.'),
  'peer/not-running': row(983, 503, 0xa700, true, 'No peer is running on this data folder; start it with: npm run -s dicomnet -- start --data DIR (or npm start for ./data).'),
  'peer/answer': row(984, 502, 0xc000, false, 'The peer answered in a way that this command does not understand; use the same version of both.'),
  'study/unknown': row(944, 404, 0xa801, false, 'No study with this Study Instance UID is kept here; look it up in the portal or by QIDO-RS.'),
  'file/missing': row(985, 404, 0xc000, false, 'There is no such file or folder; check the path.'),
  'file/unreadable': row(986, 403, 0xc000, false, 'The file or folder cannot be read or written; check its permissions and kind.'),
  'file/exists': row(987, 409, 0xc000, false, 'There is a file of this name already; name an empty folder.'),
  'cli/misuse': row(988, 400, 0xc000, false, 'The command line is not right; add --help to see what the command takes.'),
  'cli/failed': row(989, 500, 0xc000, false, 'Something failed that should not; run it again with DICOMNET_LOG=debug and report what it prints.'),
  'config/invalid': row(980, 400, 0xa700, false, 'The configuration peer.json is not valid; mend the key that is named.'),
  'peer/exists': row(982, 409, 0xa700, false, 'There is a peer in this data folder already; use another --data folder.'),
  'user/exists': row(981, 409, 0xc000, false, 'There is a user with this name already.'),
  'http/unauthorized': row(990, 401, 0x0124, false, 'Sign in, or send a valid token as Authorization: Bearer.'),
  'http/forbidden': row(991, 403, 0x0124, false, 'Your role does not allow this; ask an administrator.'),
  'http/not-found': row(992, 404, 0xc000, false, 'There is nothing at this address.'),
  'http/invalid': row(993, 400, 0xc000, false, 'The HTTP request is not valid.'),
  'http/internal': row(994, 500, 0x0110, true, 'The peer failed by a fault of its own; its log says how.'),
  'http/too-large': row(995, 413, 0xa700, false, 'The request is longer than this route takes.'),
  'http/media-type': row(996, 415, 0xc000, false, 'The body is of another media type than this route takes.'),
  'http/not-acceptable': row(997, 406, 0x0122, false, 'This cannot be given in the media type or transfer syntax asked for; ask for it as it is stored (transfer-syntax=*).'),
  'http/too-many': row(998, 429, 0xa700, true, 'Too many requests came from this address; wait a moment.'),
  'http/frames': row(999, 404, 0xc000, false, 'The instance has no such frame that can be read by itself; retrieve the whole instance.'),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof catalogue;

/** The one error class. `data` carries facts for machines and logs and must never hold anything about a patient. */
export class PeerError extends Error {
  override readonly name = 'PeerError';
  readonly code: ErrorCode;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, data: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(`${code}: ${catalogue[code].text}`, options);
    this.code = code;
    this.data = data;
  }

  get row(): ErrorRow {
    return catalogue[this.code];
  }
}

const byWire = new Map<number, ErrorCode>(Object.entries(catalogue).map(([code, r]) => [r.wire, code as ErrorCode]));

/** The code behind a wire number, or undefined when a newer peer sent one that this version does not know. */
export const codeOfWire = (wire: number): ErrorCode | undefined => byWire.get(wire);

/** Throws the coded error unless the condition holds. */
export function must(condition: unknown, code: ErrorCode, data?: Record<string, unknown>): asserts condition {
  if (!condition) throw new PeerError(code, data);
}
